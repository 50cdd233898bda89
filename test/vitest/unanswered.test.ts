// @module-tag vitest
import { expect, test } from 'vitest'
import { cgroupMount } from '../../packages/vitest-cluster/src/systemd/cgroup.ts'
import { skipWhen } from '../../packages/vitest-cluster/test/helpers/situation.ts'
import { reason } from '../support/isolations.ts'
import { project, spec } from '../support/project.ts'
import { runVitest } from '../support/vitest.ts'

/**
 * A test that waits in vain for a service fails by its own time-out or by its client's, and the failure names the
 * service. One run has all such tests. Each test resumes the processes that the one before has stopped, since the
 * service is determined after the test.
 */

const CLUSTER = `
import { hgweb, ldap, ssh } from '@vitest-cluster/fixtures'
import { defineCluster, defineService } from 'vitest-cluster'

const python = (script: string) =>
  defineService({
    kind: 'python',
    programs: ['python3'],
    ports: ['http'],
    command: ({ ports }) => ['python3', '-u', '-c', PREFIX + script, String(ports.http)],
    ready: { logLine: '^ready$' },
    handle: ({ ports }) => ({ port: ports.http, url: \`http://127.0.0.1:\${ports.http}/\` }),
  })

const PREFIX = \`
import socket, socketserver, sys, threading, time
port = int(sys.argv[1])
def serve(handle, server=None):
    server = server or socket.create_server(('127.0.0.1', port))
    print('ready')
    while True:
        connection, _ = server.accept()
        threading.Thread(target=handle, args=(connection,)).start()
        del connection
def answer(connection):
    while connection.recv(4096):
        connection.sendall(b'HTTP/1.1 200 OK\\\\r\\\\nContent-Length: 2\\\\r\\\\n\\\\r\\\\nok')
\`

export default defineCluster({
  SETTINGS
  services: {
    ldap: ldap({ suffix: 'dc=example' }),
    ssh: ssh({ users: ['local'], authorizedKeys: { from: 'ldap' } }),
    hgweb: hgweb({ repositories: ['demo'] }),
    // As node:http and many others do where they are given no address: IPv4 is in the table of IPv6
    both: python("serve(answer, socket.create_server(('::', port), family=socket.AF_INET6, dualstack_ipv6=True))"),
    early: python('serve(answer)'),
    quiet: python('serve(answer)'),
    cold: python('serve(answer)'),
    stuck: python(\`
def handle(connection):
    connection.recv(4096)
    time.sleep(1000)
serve(handle)
\`),
    mute: python(\`
def handle(connection):
    while connection.recv(4096): pass
    connection.close()
serve(handle)
\`),
    datagrams: defineService({
      kind: 'datagrams',
      programs: ['python3'],
      ports: ['udp'],
      command: ({ ports }) => ['python3', '-u', '-c', 'import socket, sys; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(("127.0.0.1", int(sys.argv[1]))); print("ready"); import time; time.sleep(1000)', String(ports.udp)],
      ready: { logLine: '^ready$' },
      handle: ({ ports }) => ({ port: ports.udp }),
    }),
  },
})
`

const SPEC = `
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { get } from 'node:http'
import { execa } from 'execa'
import { Client } from 'ldapts'
import { signal } from './signal.ts'

const stopped: { unit: string }[] = []
function freeze(service: { unit: string }) {
  for (const each of stopped.splice(0)) signal(each, 'SIGCONT')
  signal(service, 'SIGSTOP')
  stopped.push(service)
}
function thaw() {
  for (const each of stopped.splice(0)) signal(each, 'SIGCONT')
}
test.afterAll(thaw)

/** The states of a service's processes (proc(5)). */
function states(service: { unit: string }) {
  return processes(service).map(
    (pid) => /^State:\\t(.)/m.exec(readFileSync(\`/proc/\${pid}/status\`, 'utf8'))?.[1],
  )
}

function processes({ unit }: { unit: string }) {
  return readdirSync('/proc').filter((pid) => /^\\d+$/.test(pid)).flatMap((pid) => {
    try {
      return readFileSync(\`/proc/\${pid}/cgroup\`, 'utf8').includes(\`/\${unit}\`) ? [pid] : []
    } catch {
      return []
    }
  })
}

const known: Record<string, string> = {}
test.beforeAll(({ early, stuck, mute }) => {
  known['early'] = early.url
  known['unit'] = early.unit
  known['stuck'] = stuck.url
  known['mute'] = mute.url
})
const soon = () => ({ signal: AbortSignal.timeout(700) })
// What is not frozen has to come to a processor first, to accept; so has the client, to send
const later = () => ({ signal: AbortSignal.timeout(4_000) })
const login = (options: string[]) => ['-F', configFile, ...options, 'ssh', 'true']
let configFile = ''
test.beforeAll(({ ssh }) => { configFile = ssh.configFile })

test('hgweb, fetch', async ({ hgweb }) => { freeze(hgweb); await fetch(hgweb.url, soon()) })
test('hgweb, the test', { timeout: 700 }, async ({ hgweb }) => { freeze(hgweb); await fetch(hgweb.url) })
test('hgweb, hg', async ({ hgweb }) => {
  freeze(hgweb)
  await execa('hg', ['identify', hgweb.urlFor('demo')], { timeout: 4_000 })
})
test('ldap, ldapts', async ({ ldap }) => {
  freeze(ldap)
  await new Client({ url: ldap.url, timeout: 700 }).bind(ldap.adminDn, ldap.adminPassword)
})
test('ldap, behind ssh', async ({ ldap, ssh }) => {
  freeze(ldap)
  await ssh.run('true', { user: 'alice', timeout: 4_000 })
})
test('ssh, exec', async ({ ssh }) => { freeze(ssh); await ssh.run('true', { timeout: 1_000 }) })
test('ssh, ConnectTimeout', async ({ ssh }) => {
  freeze(ssh)
  await execa('ssh', login(['-o', 'ConnectTimeout=1']))
})
test('ssh, execa', async ({ ssh }) => { freeze(ssh); await execa('ssh', login([]), { timeout: 2_000 }) })
test('ssh, a result', async ({ ssh }) => {
  freeze(ssh)
  const { exitCode } = await execa('ssh', login(['-o', 'ConnectTimeout=1']), { reject: false })
  expect(exitCode).toBe(0)
})
test('both, fetch', async ({ both }) => { freeze(both); await fetch(both.url, soon()) })
test('both, a second request', async ({ both }) => {
  thaw()
  await (await fetch(both.url)).text()
  freeze(both)
  await fetch(both.url, soon())
})
test('quiet, nothing sent', async ({ quiet }) => {
  freeze(quiet)
  // A signal arrives when the process runs next
  await expect.poll(() => states(quiet)).toEqual(['T'])
  expect(1).toBe(2)
})
test('cold, a frozen unit', async ({ cold }) => {
  thaw()
  const [pid] = processes(cold)
  const [, path] = /^0::(.*)/m.exec(readFileSync(\`/proc/\${pid}/cgroup\`, 'utf8')) ?? []
  const group = \`\${process.env['CGROUPS']}\${path}\`
  writeFileSync(\`\${group}/cgroup.freeze\`, '1')
  await expect.poll(() => readFileSync(\`\${group}/cgroup.events\`, 'utf8')).toContain('frozen 1')
  await fetch(cold.url, soon())
})
test('early, known from beforeAll', async () => { freeze({ unit: known['unit']! }); await fetch(known['early']!, soon()) })
test('stuck, fetch', async () => { thaw(); await fetch(known['stuck']!, soon()) })
test('stuck, a program', async () => {
  const talk = 'exec 3<>"/dev/tcp/127.0.0.1/$0"; echo >&3; cat <&3'
  await execa('bash', ['-c', talk, new URL(known['stuck']!).port], { timeout: 2_000 })
})
test('mute, fetch', async () => { await fetch(known['mute']!, later()) })
test('mute, the test', { timeout: 4_000 }, async () => { await fetch(known['mute']!) })
test('mute, node:http', async () => { await once(get(known['mute']!, later()), 'response') })
test('datagrams, a result', async ({ datagrams }) => {
  const socket = createSocket('udp4')
  await new Promise((resolve) => socket.send('hello', datagrams.port, '127.0.0.1', resolve))
  socket.close()
  expect(1).toBe(2)
})
test('nobody: all answer', async ({ both, hgweb }) => {
  thaw()
  await (await fetch(both.url)).text()
  await (await fetch(hgweb.url)).text()
  expect(1).toBe(2)
})
`
type Failures = Readonly<Record<string, Readonly<Record<string, string>>>>

/** The reasons shown below each failure of a run, by test and by service. */
async function failures(settings = '', pattern = '.'): Promise<Failures> {
  const { output } = await runVitest(
    project({
      'cluster.config.ts': CLUSTER.replace('SETTINGS', settings),
      'hang.spec.ts': spec(SPEC),
    }),
    { args: ['-t', pattern], env: { CGROUPS: await cgroupMount() } },
  )
  // Vitest prints identical failures as several headings above one text
  const groups = output.matchAll(/((?: FAIL {2}hang\.spec\.ts > .*\n)+)([\s\S]*?)(?= FAIL |$)/g)
  return Object.fromEntries(
    Array.from(groups, ([, headings = '', text = '']) => {
      const services = Array.from(
        text.matchAll(/❯ (\w+) did not answer\n +↳ (.*)/g),
        ([, service, what]) => [service, what],
      )
      return Array.from(headings.matchAll(/ > (.*)\n/g), ([, name]) => [
        name,
        Object.fromEntries(services),
      ])
    }).flat(),
  )
}

const untaken = expect.stringMatching(
  /^\d+ connections? not accepted, \d+ bytes sent to it and not read: its process(?:es)? [\d, ]+ (?:is|are) stopped \(/,
)
const unreplied = expect.stringMatching(
  /^\d+ bytes sent to it by this test and not answered.*: the service hangs/,
)
const kept = expect.stringMatching(
  /^\d+ connections? closed by the client and not by the service: the service hangs/,
)

const BOTH = {
  'hgweb, fetch': { hgweb: untaken },
  'ldap, ldapts': { ldap: untaken },
  'ssh, ConnectTimeout': { ssh: untaken },
  'both, fetch': { both: untaken },
  'stuck, fetch': { stuck: unreplied },
  'mute, fetch': { mute: unreplied },
}

test('a time-out names the service that did not answer, whichever client waited for it', {
  timeout: 300_000,
}, async () => {
  const found = await failures()
  expect(found).toMatchObject({
    ...BOTH,
    'hgweb, the test': { hgweb: untaken },
    'hgweb, hg': { hgweb: untaken },
    'ldap, behind ssh': { ldap: untaken },
    'ssh, exec': { ssh: untaken },
    'ssh, execa': { ssh: untaken },
    'ssh, a result': { ssh: untaken },
    'both, a second request': { both: untaken },
    'quiet, nothing sent': { quiet: expect.stringMatching(/^its process \d+ is stopped/) },
    'early, known from beforeAll': { early: untaken },
    'cold, a frozen unit': {
      cold: expect.stringMatching(/^\d+ connections? not accepted, .*: its unit is frozen/),
    },
    'stuck, a program': { stuck: kept },
    'mute, the test': { mute: unreplied },
    'mute, node:http': { mute: unreplied },
    'datagrams, a result': {
      datagrams: 'datagrams sent to it and not read: the service hangs, or is overloaded',
    },
  })
  // Services that answer are not named, nor those that were only not used
  expect(Object.keys(found['nobody: all answer'] ?? {})).toEqual(['cold'])
  for (const [name, services] of Object.entries(found)) {
    const others = Object.keys(services).filter((service) => !name.startsWith(service))
    expect(
      others.filter((service) => !['stuck', 'cold', 'ldap', 'datagrams'].includes(service)),
    ).toEqual([])
  }
})

for (const [isolation, network] of [
  ['range', 'host'],
  ['boot', 'private'],
] as const) {
  const title = `a time-out names the service that did not answer, with isolation ${isolation} and network ${network}`
  test(title, { timeout: 300_000 }, async ({ skip }) => {
    const missing = await reason(isolation, network)
    skipWhen(skip, missing !== undefined, missing ?? '')
    // Services have separate uids there, so that only root can stop them
    skipWhen(skip, process.getuid?.() !== 0, 'only root can make this situation')
    const settings = `isolation: '${isolation}', network: '${network}',`
    const named = Object.keys(BOTH).join('|')
    expect(await failures(settings, named)).toMatchObject(BOTH)
  })
}
