import { expect, test } from 'vitest'
import { withPorts } from '../../src/definition/define.ts'
import { namedPorts } from '../../src/definition/named-ports.ts'
import { defineCluster, type ServicePorts } from '../../src/index.ts'
import { refusal } from '../helpers/refusal.ts'
import { script } from '../helpers/services.ts'

const service = (ports: ServicePorts) => script('exec sleep infinity', { ports })
const services = {
  ssh: service(['ssh']),
  ldap: service({ ldap: undefined, ldaps: 10_636 }),
  idle: script('exec sleep infinity'),
}

/** The message and the fix of refusing these ports of the cluster. */
function refused(ports: unknown) {
  const { code, message, fix } = refusal(() => defineCluster({ services, ports: ports as never }))
  expect(code).toBe('INVALID_DEFINITION')
  return `${message}\n${fix}`
}

test('the numbers of definitions, of clusters and of sessions replace each other, in this order', () => {
  const base = defineCluster({ services })
  expect(namedPorts(base)).toEqual({ 'ldap.ldaps': 10_636 })
  const named = defineCluster({ services, ports: { ssh: 20_059, 'ldap.ldaps': 10_637 } })
  expect(namedPorts(named)).toEqual({ 'ssh.ssh': 20_059, 'ldap.ldaps': 10_637 })
  const more = defineCluster({
    extends: named,
    services: { web: service({ http: 8080 }) },
    ports: { 'ssh.ssh': 20_060, 'ldap.ldap': 389 },
  })
  expect(namedPorts(more)).toEqual({
    ...{ 'ssh.ssh': 20_060, 'ldap.ldap': 389, 'ldap.ldaps': 10_637, 'web.http': 8080 },
  })
  const session = withPorts(more, { web: 65_535, ssh: undefined }, { what: 'openSession' })
  expect(namedPorts(session)).toEqual({ ...namedPorts(more), 'web.http': 65_535 })
  expect(namedPorts(more)['web.http']).toBe(8080)
})

test.for([
  [{ shh: 1 }, "the cluster's ports: the cluster has no service 'shh'\nDid you mean ssh? Services"],
  [{ toString: 1 }, "the cluster has no service 'toString'"],
  [
    { 'ldap.ldpas': 1 },
    "ldap has no port 'ldpas'\nDid you mean ldap.ldaps? The ports of ldap: ldap.ldap",
  ],
  [{ 'ssh.': 1 }, "ssh has no port ''"],
  [{ 'ssh.ssh.ssh': 1 }, "ssh has no port 'ssh.ssh'"],
  [{ 'ssh.constructor': 1 }, "ssh has no port 'constructor'"],
  [{ ldap: 1 }, 'ldap has 2 ports\nName one of them: ldap.ldap, ldap.ldaps.'],
  [{ idle: 1 }, "idle has no ports\nRemove 'idle'."],
  [{ ssh: 1, 'ssh.ssh': 2 }, 'ssh.ssh has two numbers\nRemove one of ssh and ssh.ssh.'],
  [
    { ssh: { ssh: 1 } },
    'ssh is {"ssh":1}, which is not an integer from 1 to 65535\nWrite integers',
  ],
  [['ssh'], 'the cluster\'s ports: ["ssh"] is not an object\nWrite integers'],
  [{ ssh: 10_636 }, 'ldap.ldaps and ssh.ssh have the same number, 10636\nChange one of them.'],
] as const)('%o is refused', ([ports, says]) => {
  expect(refused(ports)).toContain(says)
})

test.for([0, -1, 65_536, 80.5, Number.NaN, '22', null, true, 22n])(
  '%o is not a number of a port',
  (number) => {
    expect(refused({ ssh: number })).toContain('which is not an integer from 1 to 65535')
    const inService = refusal(() =>
      defineCluster({ services: { web: service({ http: number as never }) } }),
    )
    expect(inService).toMatchObject({ code: 'INVALID_DEFINITION', service: 'web' })
    expect(inService.message).toMatch(
      /^ports\.http is .*, which is not an integer from 1 to 65535$/,
    )
  },
)

test('two services with the same number are refused, also across clusters and for one session', () => {
  const same = { a: service({ http: 8080 }), b: service({ http: 8080 }) }
  const message = expect.stringContaining('a.http and b.http have the same number, 8080')
  expect(refusal(() => defineCluster({ services: same }))).toMatchObject({ message })
  const base = defineCluster({ services: { a: same.a } })
  expect(refusal(() => defineCluster({ extends: base, services: { b: same.b } }))).toMatchObject({
    message,
  })
  const fine = defineCluster({ services: same, ports: { b: 8081 } })
  const what = 'openSession: ports'
  expect(refusal(() => withPorts(fine, { b: 8080 }, { what })).message).toMatch(
    /^openSession: ports: a\.http and b\.http have the same number/,
  )
})

test('names with numbers satisfy a service that depends on the ports', () => {
  const db = service({ sql: 5432, admin: undefined })
  const web = (ports: readonly string[]) => script('true', { dependsOn: { db: { ports } } })
  defineCluster({ services: { db, web: web(['sql', 'admin']) } })
  defineCluster({ services: { db, web: script('true', { dependsOn: { db } }) } })
  expect(refusal(() => defineCluster({ services: { db, web: web(['sq']) } })).message).toContain(
    "depends on 'db', which has no port 'sq'",
  )
  const other = defineCluster({
    services: { db: service(['sql', 'admin']), web: script('true', { dependsOn: { db } }) },
  })
  expect(namedPorts(other)).toEqual({})
  const lacking = { db: service(['sql']), web: script('true', { dependsOn: { db } }) }
  expect(refusal(() => defineCluster({ services: lacking })).message).toContain(
    "has no port 'admin'",
  )
})

test("ready: 'listening' needs a port, and names of ports are checked in both forms", () => {
  const listening = (ports: unknown) => () =>
    defineCluster({
      services: { web: script('true', { ready: 'listening', ports: ports as never }) },
    })
  expect(refusal(listening({})).message).toContain("has ready: 'listening' and no ports")
  expect(refusal(listening({ 'a.b': 80 })).message).toContain('which is not the name of a port')
  expect(refusal(listening('http')).message).toContain('ports is "http", which is not an array')
  listening({ http: undefined })()
})
