import { expect, test } from 'vitest'
import { forSession } from '../../src/definition/define.ts'
import { defineCluster } from '../../src/index.ts'
import { script } from '../helpers/services.ts'

const sshd = script('exec sshd', { ports: ['ssh'] })

/** A cluster of untyped hosts, as a user of JavaScript writes it. */
function cluster(hosts: unknown, services: object = {}) {
  return defineCluster({ services, hosts } as never)
}

const WRONG: readonly (readonly [hosts: unknown, words: string, code?: string])[] = [
  [['web0'], 'hosts is ["web0"], which is not an object'],
  [{ web0: 'here' }, 'hosts.web0 is "here", which is not an object'],
  [{ web0: { adress: '127.0.0.9' } }, 'adress'],
  [{ 'web 0': {} }, '"web 0" is not a valid name for a host', 'INVALID_NAME'],
  [{ localhost: {} }, '"localhost" is not a valid name for a host', 'INVALID_NAME'],
  [{ web0: { services: 'sshd' } }, 'hosts.web0.services is "sshd", which is not an object'],
  [{ web0: { services: ['sshd'] } }, 'the host web0 has no service sshd', 'UNKNOWN_DEPENDENCY'],
  [{ web0: { services: { 'ss h': sshd } } }, 'not a valid name for the service', 'INVALID_NAME'],
  [{ ['w'.repeat(30)]: { services: { sshd } } }, 'not a valid name for the', 'INVALID_NAME'],
  [{ web0: { services: { sshd: 7 } } }, 'is not a service: 7'],
  [{ web0: { services: { exec: sshd } } }, "has a property 'exec'", 'INVALID_NAME'],
  ...[
    '127.0.0.1',
    '127.0.0.0',
    '127.255.255.255',
    '10.0.0.1',
    '127.0.0',
    '127.0.0.256',
    '::1',
    7,
  ].map(
    (address) =>
      [
        { web0: { address } },
        `hosts.web0.address is ${JSON.stringify(address)}, which is not an address that a host`,
      ] as const,
  ),
  [
    { web0: { address: '127.0.0.9' }, web1: { address: '127.0.0.9' } },
    'the hosts web0 and web1 have the address 127.0.0.9',
  ],
  [{ web0: {}, Web0: {} }, 'web0: has the same host name as the host Web0', 'DUPLICATE_SERVICE'],
  [{ web0: { directories: '/repo' } }, 'hosts.web0.directories is "/repo", which is not an array'],
  [{ web0: { directories: ['repo'] } }, 'does not begin with /'],
  [{ web0: { directories: ['/a/../b'] } }, 'has .. in it'],
  [{ web0: { directories: ['/repo', '/repo/'] } }, 'has "/repo" twice'],
  [{ web0: { directories: ['/repo/hg', '/repo'] } }, '"/repo/hg", which is below "/repo"'],
  [{ web0: { directories: ['/', '/repo'] } }, '"/repo", which is below "/"'],
  [{ web0: { directories: ['/', '/run/a', '/run/a/b'] } }, '"/run/a/b", which is below "/run/a"'],
  [{ web0: { directories: ["/it's"] } }, 'has a quote in it'],
  ...['/proc', '/dev/shm', '/sys/', '/run', '/run/systemd/x'].map(
    (path) => [{ web0: { directories: [path] } }, 'which every session makes for itself'] as const,
  ),
  [{ web0: { directories: ['/srv/data'] } }, 'has "/srv/data"'],
  [{ web0: { tree: 'trixie' } }, 'hosts.web0.tree is not a tree'],
]

test.for(WRONG)('%j is refused: %s', ([hosts, words, code = 'INVALID_DEFINITION']) => {
  expect(() => cluster(hosts, { idle: sshd })).toThrow(
    expect.objectContaining({
      code,
      message: expect.stringContaining(words),
      details: expect.objectContaining({ fix: expect.stringMatching(/./) }),
    }),
  )
})

test('a host with the whole tree may have directories of its own below /run', () => {
  const web = { directories: ['/', '/run/httpd'], services: { sshd } }
  expect(defineCluster({ services: {}, hosts: { web } }).hosts?.web.directories).toEqual([
    '/',
    '/run/httpd',
  ])
})

test('names of hosts and services are different', () => {
  expect(() => cluster({ web: {} }, { Web: sshd })).toThrow(
    /Web: has the same host name as the host web/,
  )
  expect(() => cluster({ web: { services: { sshd } } }, { 'web-sshd': sshd })).toThrow(
    /web-sshd: is a service of a host, too/,
  )
  const base = defineCluster({ services: {}, hosts: { web: { services: { sshd } } } })
  expect(() => defineCluster({ extends: base, services: {}, hosts: { web: {} } })).toThrow(
    /already has a host web/,
  )
})

test("a name in dependsOn is a service of the same host first, then one of the cluster's", () => {
  const agent = script('exec agent', { dependsOn: ['sshd', 'db', 'web1-sshd'] })
  const defined = cluster(
    { web0: { services: { sshd, agent } }, web1: { services: { sshd, agent } } },
    { db: sshd },
  )
  const { services } = forSession(defined)
  const dependencies = Object.entries(services).map(([name, { dependsOn }]) => [name, dependsOn])
  expect(Object.fromEntries(dependencies)).toMatchObject({
    'web0-agent': ['web0-sshd', 'db', 'web1-sshd'],
    'web1-agent': ['web1-sshd', 'db', 'web1-sshd'],
  })
  expect(() => cluster({ web0: { services: { agent } } }, { db: sshd })).toThrow(
    expect.objectContaining({ code: 'UNKNOWN_DEPENDENCY' }),
  )
})

test('a cluster with hosts can be spread into another one', () => {
  const base = cluster({ web0: { services: { sshd } } })
  const again = defineCluster({ ...base, isolation: 'range' } as never)
  expect(again.hosts).toEqual({ web0: { services: ['web0-sshd'] } })
})

test("hosts need the host's network", () => {
  const hosts = { web0: { services: { sshd } } }
  expect(() =>
    defineCluster({ services: {}, hosts, network: 'private', isolation: 'boot' }),
  ).toThrow(/hosts with network: 'private'/)
})

test('services of different hosts can be given the same number', () => {
  const hosts = { web0: { services: { sshd } }, web1: { services: { sshd, other: sshd } } }
  const named = (ports: object) => defineCluster({ services: { db: sshd }, hosts, ports } as never)
  const ports = { 'web0-sshd': 20_059, 'web1-sshd': 20_059, db: 20_059 }
  expect(named(ports).ports).toEqual({
    'web0-sshd.ssh': 20_059,
    'web1-sshd.ssh': 20_059,
    'db.ssh': 20_059,
  })
  expect(() => named({ ...ports, 'web1-other': 20_059 })).toThrow(
    /web1-sshd.ssh and web1-other.ssh have the same number/,
  )
})
