import { expect, test } from 'vitest'
import type { IsolationName } from '../../src/definition/cluster.ts'
import { type Confines, confine, seenByManager } from '../../src/isolation/confine.ts'
import { ISOLATIONS } from '../../src/isolation/isolation.ts'
import { asText, ground } from '../helpers/planned.ts'
import { script } from '../helpers/services.ts'

const services = {
  web: script('true', {
    accounts: [{ name: 'www', groups: ['log', 'audio'] }, { name: 'other' }],
    group: 'log',
  }),
}
const under = (isolation: IsolationName): Confines => {
  const session = ground(isolation, services)
  return { ...session, root: session.roots.main }
}
const INSIDE = ['range', 'boot', 'nspawn'] as const

test.for(INSIDE)('under %s the manager uses paths in the tree', (isolation) => {
  expect(seenByManager(under(isolation))).toEqual({
    logs: '/var/log/vitest-cluster',
    output: '/run/vitest-cluster-output',
  })
})

test('under chroot the manager uses paths of the host', () => {
  expect(seenByManager(under('chroot'))).toMatchObject({ logs: '/s/log', output: '/s/output' })
})

test.for(INSIDE)('under %s a unit runs as an account, by numbers', (isolation) => {
  expect(asText(confine(under(isolation), 'www'))).toBe(
    'User s "1000"\nGroup s "1000"\nSupplementaryGroups as ["999","5000","5001"]',
  )
  expect(asText(confine(under(isolation), 'session', 'log'))).toBe(
    'User s "999"\nGroup s "5000"\nSupplementaryGroups as []',
  )
})

test("a group that the tree lacks is replaced by the account's own", () => {
  expect(asText(confine(under('range'), 'www', 'nobody-has-it'))).toContain('Group s "1000"')
})

test('root and unknown accounts need no properties', () => {
  expect(confine(under('range'), 'root')).toEqual({})
  expect(confine(under('range'), 'unknown')).toEqual({})
})

test('with one uid a unit has the same properties for every account', () => {
  const confined = asText(confine(under('chroot'), 'session'))
  expect(asText(confine(under('chroot'), 'www', 'log'))).toBe(confined)
  expect(confined).toMatchInlineSnapshot(`
    "RootDirectory s "/s/root"
    MountAPIVFS b true
    BindReadOnlyPaths a(ssbt) [["/usr","/usr",false,16384],["/trees/etc","/etc",false,16384],["/s/log","/var/log/vitest-cluster",false,16384]]
    BindPaths a(ssbt) [["/s/root/run","/run",false,16384],["/s/shm","/dev/shm",false,16384],["/s/srv","/srv",false,16384]]
    PrivateUsers b true
    NoNewPrivileges b true"
  `)
})

test('auto tries the isolations from the cheapest on, in the order of what they support', () => {
  const all = Object.values(ISOLATIONS)
  expect(all.map(({ name }) => name)).toEqual(['chroot', 'range', 'boot', 'nspawn'])
  expect(Object.keys(ISOLATIONS)).toEqual(all.map(({ name }) => name))
  for (const { gives, uids, boots } of all) {
    expect(gives.includes('uids')).toBe(uids === 'many')
    expect(gives.includes('systemd')).toBe(boots)
  }
})

test('under the user manager a unit has a private IPC namespace and no /dev/mqueue', () => {
  const has = (own: boolean, isolation: 'chroot' | 'range' = 'chroot') =>
    Object.keys(confine({ ...under(isolation), manager: { own } }, 'session')).flatMap((name) =>
      /IPC|Inaccessible/.test(name) ? [name] : [],
    )
  expect(has(false)).toEqual(['PrivateIPC', 'InaccessiblePaths'])
  expect(has(true)).toEqual([])
  expect(has(false, 'range')).toEqual([])
})
