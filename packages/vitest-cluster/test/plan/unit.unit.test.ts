import { expect, test } from 'vitest'
import type { ServiceInput } from '../../src/definition/service.ts'
import { asText, difference, namesOf, plannedUnit } from '../helpers/planned.ts'
import { refusal } from '../helpers/refusal.ts'

test('the properties of a unit under chroot', () => {
  const { settings, ...rest } = plannedUnit('chroot')
  expect(rest).toEqual({ name: 'vitest-cluster-0123abcd-web.service' })
  expect(asText(settings)).toMatchInlineSnapshot(`
    "Description s "web (script) of vitest-cluster session 0123abcd"
    Slice s "vitest_cluster_0123abcd.slice"
    CollectMode s "inactive-or-failed"
    RootDirectory s "/s/root"
    MountAPIVFS b true
    BindReadOnlyPaths a(ssbt) [["/usr","/usr",false,16384],["/trees/etc","/etc",false,16384],["/s/log","/var/log/vitest-cluster",false,16384]]
    BindPaths a(ssbt) [["/s/root/run","/run",false,16384],["/s/shm","/dev/shm",false,16384],["/s/srv","/srv",false,16384]]
    PrivateUsers b true
    NoNewPrivileges b true
    WorkingDirectory s "/srv/web"
    Environment as ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin","LANG=C.UTF-8","HOME=/srv/web"]
    UnsetEnvironment as ["TERM","DISPLAY"]
    UMask u 18
    ExecStart a(sasb) [["/bin/sh",["/bin/sh","-c","exec httpd"],false]]
    Type s "exec"
    StandardOutputFileToAppend s "/s/log/web.log"
    StandardErrorFileToAppend s "/s/log/web.log"
    TimeoutStartUSec t 30000000
    TimeoutStopUSec t 2000000
    KillSignal i 9
    SuccessExitStatus (aiai) [[],[9]]
    StartLimitIntervalUSec t 0
    Requires as []
    After as []"
  `)
})

test('the properties of a unit under range, with the manager in the tree and a separate user', () => {
  const { settings } = plannedUnit('range')
  expect(asText(settings)).toMatchInlineSnapshot(`
    "Description s "web (script) of vitest-cluster session 0123abcd"
    Slice s "vitest_cluster_0123abcd.slice"
    CollectMode s "inactive-or-failed"
    User s "999"
    Group s "999"
    SupplementaryGroups as []
    WorkingDirectory s "/srv/web"
    Environment as ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin","LANG=C.UTF-8","HOME=/srv/web"]
    UnsetEnvironment as ["TERM","DISPLAY"]
    UMask u 18
    ExecStart a(sasb) [["/bin/sh",["/bin/sh","-c","exec httpd"],false]]
    Type s "exec"
    StandardOutputFileToAppend s "/var/log/vitest-cluster/web.log"
    StandardErrorFileToAppend s "/var/log/vitest-cluster/web.log"
    TimeoutStartUSec t 30000000
    TimeoutStopUSec t 2000000
    KillSignal i 9
    SuccessExitStatus (aiai) [[],[9]]
    StartLimitIntervalUSec t 0
    Requires as ["vitest-cluster-0123abcd-_ownership.service"]
    After as ["vitest-cluster-0123abcd-_ownership.service"]"
  `)
})

test.for(['boot', 'nspawn'] as const)(
  'a unit under %s has the properties of one under range',
  (isolation) => {
    expect(plannedUnit(isolation)).toEqual(plannedUnit('range'))
  },
)

test('dependencies are required and start first; with many uids also the ownership unit', () => {
  expect(difference('chroot', { dependsOn: ['db'] })).toMatchInlineSnapshot(`
    "Requires as ["vitest-cluster-0123abcd-db.service"]
    After as ["vitest-cluster-0123abcd-db.service"]"
  `)
  expect(difference('range', { dependsOn: ['db'] })).toMatchInlineSnapshot(`
    "Requires as ["vitest-cluster-0123abcd-db.service","vitest-cluster-0123abcd-_ownership.service"]
    After as ["vitest-cluster-0123abcd-db.service","vitest-cluster-0123abcd-_ownership.service"]"
  `)
})

test.for([
  ['SIGTERM', 15],
  ['SIGINT', 2],
  ['SIGQUIT', 3],
] as const)('with stopSignal %s the end by that signal is a success', ([stopSignal, number]) => {
  expect(difference('chroot', { stopSignal })).toBe(
    `KillSignal i ${number}\nSuccessExitStatus (aiai) [[],[${number}]]`,
  )
})

test('a unit has the times, environment and limits of its definition', () => {
  const options: Partial<ServiceInput> = {
    readyTimeout: 1_500,
    stopTimeout: 0.5,
    env: ({ values }) => ({ TOKEN: `${values.token}`, TERM: 'dumb' }),
    unit: ({ name }) => ({
      SystemCallDeny: ['setgroups:0', name],
      MemoryMax: 2 ** 33,
      TasksMax: 7,
      LimitNOFILE: 0,
    }),
  }
  expect(difference('chroot', options)).toMatchInlineSnapshot(`
    "Environment as ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin","LANG=C.UTF-8","HOME=/srv/web","TOKEN=token of web","TERM=dumb"]
    UnsetEnvironment as ["DISPLAY"]
    TimeoutStartUSec t 1500000
    TimeoutStopUSec t 500
    SystemCallFilter (bas) [false,["setgroups:0","web"]]
    MemoryMax t 8589934592
    TasksMax t 7
    LimitNOFILE t 0"
  `)
})

test('a unit has the user of its account only with many uids', () => {
  const options = { accounts: [{ name: 'www', groups: ['log'] }], user: 'www', group: 'log' }
  expect(difference('chroot', options)).toBe('')
  expect(difference('range', options)).toMatchInlineSnapshot(`
    "User s "1000"
    Group s "5000"
    SupplementaryGroups as ["999","5000"]"
  `)
  expect(namesOf('range', options)).toContain('User')
  expect(namesOf('range', { user: 'root' })).not.toContain('User')
})

test('a unit with DynamicUser has no other user', () => {
  const unit = { DynamicUser: true }
  expect(difference('range', { unit })).toBe('DynamicUser b true')
  expect(namesOf('range', { unit })).not.toContain('User')
  expect(difference('range', { unit: { DynamicUser: false } })).toBe('')
})

test.for([[], 'httpd', ['httpd', 80], undefined, { 0: 'httpd' }])(
  'the command %j is refused',
  (argv) => {
    const command = () => argv as never
    expect(refusal(() => plannedUnit('chroot', { command }))).toMatchObject({
      code: 'INVALID_DEFINITION',
      service: 'web',
      message: expect.stringMatching(
        /^command\(\)(\[1\])? is (empty|missing|.*, which is not (an array|a string))$/,
      ),
      fix: expect.stringContaining('Write command:'),
    })
  },
)
