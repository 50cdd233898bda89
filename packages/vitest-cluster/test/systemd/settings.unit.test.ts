import { expect, test } from 'vitest'
import { toProperties, type UnitSettings, unitText } from '../../src/systemd/settings.ts'
import { refusal } from '../helpers/refusal.ts'

/** The properties for D-Bus, and the lines of the unit file without its sections. */
function both(settings: UnitSettings) {
  const properties = toProperties(settings).map(([name, { signature, value }]) => [
    name,
    signature,
    value,
  ])
  const lines = unitText(settings)
    .split('\n')
    .filter((line) => line.includes('='))
  return [properties.flat(), lines.join('\n')]
}

const MILLISECOND = 1_000n

test.for<[UnitSettings, string, string, unknown, string]>([
  [{ Description: 'a' }, 'Description', 's', 'a', 'Description=a'],
  [{ Requires: ['a', 'b'] }, 'Requires', 'as', ['a', 'b'], 'Requires=a b'],
  [{ BindsTo: ['a'] }, 'BindsTo', 'as', ['a'], 'BindsTo=a'],
  [{ After: [] }, 'After', 'as', [], ''],
  [{ CollectMode: 'inactive' }, 'CollectMode', 's', 'inactive', 'CollectMode=inactive'],
  [{ StartLimitIntervalSec: 0 }, 'StartLimitIntervalUSec', 't', 0n, 'StartLimitIntervalSec=0'],
  [{ Type: 'exec' }, 'Type', 's', 'exec', 'Type=exec'],
  [{ NotifyAccess: 'all' }, 'NotifyAccess', 's', 'all', 'NotifyAccess=all'],
  [{ ExecStop: ['/a'] }, 'ExecStop', 'a(sasb)', [['/a', ['/a'], false]], 'ExecStop=/a'],
  [{ RemainAfterExit: true }, 'RemainAfterExit', 'b', true, 'RemainAfterExit=yes'],
  [{ TimeoutStopSec: 2 }, 'TimeoutStopUSec', 't', 2n * MILLISECOND, 'TimeoutStopSec=2ms'],
  [
    { SuccessExitStatus: ['SIGQUIT'] },
    'SuccessExitStatus',
    '(aiai)',
    [[], [3]],
    'SuccessExitStatus=SIGQUIT',
  ],
  [{ KillSignal: 'SIGTERM' }, 'KillSignal', 'i', 15, 'KillSignal=SIGTERM'],
  [{ Slice: 'a.slice' }, 'Slice', 's', 'a.slice', 'Slice=a.slice'],
  [{ Delegate: false }, 'Delegate', 'b', false, 'Delegate=no'],
  [{ MemoryMax: 2 ** 40 }, 'MemoryMax', 't', 1_099_511_627_776n, 'MemoryMax=1024G'],
  [{ MemoryMax: 3 * 2 ** 20 }, 'MemoryMax', 't', 3_145_728n, 'MemoryMax=3M'],
  [{ MemoryMax: 1000 }, 'MemoryMax', 't', 1000n, 'MemoryMax=1000'],
  [{ TasksMax: 1024 }, 'TasksMax', 't', 1024n, 'TasksMax=1024'],
  [{ LimitNOFILE: 0 }, 'LimitNOFILE', 't', 0n, 'LimitNOFILE=0'],
  [{ RootDirectory: '/a b' }, 'RootDirectory', 's', '/a b', 'RootDirectory=/a b'],
  [{ WorkingDirectory: '/%n' }, 'WorkingDirectory', 's', '/%n', 'WorkingDirectory=/%%n'],
  [{ MountAPIVFS: true }, 'MountAPIVFS', 'b', true, 'MountAPIVFS=yes'],
  [
    { InaccessiblePaths: ['-+/a b'] },
    'InaccessiblePaths',
    'as',
    ['-+/a b'],
    'InaccessiblePaths="-+/a b"',
  ],
  [{ PrivateUsers: true }, 'PrivateUsers', 'b', true, 'PrivateUsers=yes'],
  [{ PrivateIPC: true }, 'PrivateIPC', 'b', true, 'PrivateIPC=yes'],
  [{ NoNewPrivileges: true }, 'NoNewPrivileges', 'b', true, 'NoNewPrivileges=yes'],
  [
    { SystemCallFilter: { deny: ['@mount', 'chown:0'] } },
    'SystemCallFilter',
    '(bas)',
    [false, ['@mount', 'chown:0']],
    'SystemCallFilter=~@mount chown:0',
  ],
  [{ DynamicUser: true }, 'DynamicUser', 'b', true, 'DynamicUser=yes'],
  [{ User: '999' }, 'User', 's', '999', 'User=999'],
  [{ Group: '999' }, 'Group', 's', '999', 'Group=999'],
  [
    { SupplementaryGroups: ['1', '2'] },
    'SupplementaryGroups',
    'as',
    ['1', '2'],
    'SupplementaryGroups=1 2',
  ],
  [{ UMask: 0o022 }, 'UMask', 'u', 18, 'UMask=0022'],
  [
    { Environment: { A: 'b', C: '' } },
    'Environment',
    'as',
    ['A=b', 'C='],
    'Environment=A=b\nEnvironment=C=',
  ],
  [{ UnsetEnvironment: ['A', 'B'] }, 'UnsetEnvironment', 'as', ['A', 'B'], 'UnsetEnvironment=A B'],
  [{ StandardInput: 'file:/a' }, 'StandardInputFile', 's', '/a', 'StandardInput=file:/a'],
  [{ StandardOutput: 'file:/a:b' }, 'StandardOutputFile', 's', '/a:b', 'StandardOutput=file:/a:b'],
  [
    { StandardError: 'append:/a' },
    'StandardErrorFileToAppend',
    's',
    '/a',
    'StandardError=append:/a',
  ],
])(
  'the settings %j become properties and lines of a unit file',
  ([settings, name, signature, value, text]) => {
    expect(both(settings)).toEqual([[name, signature, value], text])
  },
)

test.for([
  [30_000, 30_000_000n, '30s'],
  [90_000, 90_000_000n, '1min 30s'],
  [0.5, 500n, '500us'],
  [0.0015, 2n, '2us'],
  [1_500, 1_500_000n, '1s 500ms'],
  [2 ** 31 - 1, 2_147_483_647_000n, '24d 20h 31min 23s 647ms'],
] as const)(
  '%d milliseconds become whole microseconds, and a time of systemd.time(7)',
  ([time, micro, text]) => {
    expect(both({ TimeoutStartSec: time })).toEqual([
      ['TimeoutStartUSec', 't', micro],
      `TimeoutStartSec=${text}`,
    ])
  },
)

test("a program's arguments are escaped: systemd expands no variables and specifiers", () => {
  const argv = ['/bin/echo', '$HOME', '$$', "$'", '%n', 'a b', '', ';', 'é\n\t\x01"\\', '-x']
  const words = ['/bin/echo', '$$HOME', '$$$$', "$$'", '%n', 'a b', '', ';', 'é\n\t\x01"\\', '-x']
  const text = String.raw`/bin/echo $$HOME $$$$ "$$'" %%n "a b" "" ";" "é\n\t\x01\"\\" -x`
  expect(both({ ExecStart: argv })).toEqual([
    ['ExecStart', 'a(sasb)', [['/bin/echo', words, false]]],
    `ExecStart=${text}`,
  ])
  expect(both({ ExecStartPost: { prefix: '!', argv } })).toEqual([
    ['ExecStartPostEx', 'a(sasas)', [['/bin/echo', words, ['no-setuid']]]],
    `ExecStartPost=!${text}`,
  ])
  expect(both({ ExecStopPost: { prefix: '-!', argv } })).toEqual([
    ['ExecStopPostEx', 'a(sasas)', [['/bin/echo', words, ['no-setuid', 'ignore-failure']]]],
    `ExecStopPost=-!${text}`,
  ])
  expect(both({ ExecStopPost: [argv, { prefix: '-', argv }] })).toEqual([
    [
      'ExecStopPostEx',
      'a(sasas)',
      [
        ['/bin/echo', words, []],
        ['/bin/echo', words, ['ignore-failure']],
      ],
    ],
    `ExecStopPost=${text}\nExecStopPost=-${text}`,
  ])
})

test("$ is escaped in a program's arguments, and not in its path", () => {
  expect(both({ ExecStart: ['/a b/$x', '-v'] })).toEqual([
    ['ExecStart', 'a(sasb)', [['/a b/$x', ['/a b/$$x', '-v'], false]]],
    'ExecStart=@"/a b/$x" "/a b/$$x" -v',
  ])
})

test('a bound path includes the mounts below it, and has to exist', () => {
  expect(both({ BindPaths: [['/a', '/b']] })).toEqual([
    ['BindPaths', 'a(ssbt)', [['/a', '/b', false, 0x4000n]]],
    'BindPaths=/a:/b',
  ])
  expect(both({ BindPaths: [['/a', '/b', 'norbind']] })).toEqual([
    ['BindPaths', 'a(ssbt)', [['/a', '/b', false, 0n]]],
    'BindPaths=/a:/b:norbind',
  ])
  expect(
    both({
      BindReadOnlyPaths: [
        ['/usr', '/usr'],
        ['/a b:c', `/d\\"%it's`],
      ],
    })[1],
  ).toBe(
    String.raw`BindReadOnlyPaths=/usr
BindReadOnlyPaths=/a" "b\:c:/d\\'"'%%it"'"s`,
  )
  expect(both({ BindPaths: [] })).toEqual([['BindPaths', 'a(ssbt)', []], ''])
})

test('a description becomes one printable line', () => {
  expect(both({ Description: ' a\n[Service]\tb\x1b[0m ' })).toEqual([
    ['Description', 's', 'a [Service] b'],
    'Description=a [Service] b',
  ])
})

test('sections and settings are written in the order of a unit file', () => {
  const settings: UnitSettings = {
    UMask: 0o77,
    ExecStart: ['/a'],
    Type: 'exec',
    After: ['b.service'],
    Description: 'c',
    MemoryMax: undefined,
  }
  expect(unitText(settings)).toBe(`[Unit]
Description=c
After=b.service

[Service]
Type=exec
ExecStart=/a
UMask=0077
`)
  expect(unitText({ Description: 'a slice' })).toBe('[Unit]\nDescription=a slice\n')
})

test.for<[UnitSettings, string]>([
  [{ WorkingDirectory: '/a\nExecStart=/b' }, 'a control character'],
  [{ RootDirectory: '/a ' }, 'a space at its beginning or end'],
  [{ StandardOutput: 'append:/a\\' }, '\\ at its end'],
  [{ BindPaths: [['/a\n', '/b']] }, 'a control character'],
  [{ ExecStart: ["/it's"] }, 'a quote, \\ or a control character'],
  [{ ExecStart: ['-a'] }, '- at its beginning'],
])('a setting that a unit file cannot express is refused: %j', ([settings, what]) => {
  expect(refusal(() => unitText(settings))).toMatchObject({
    code: 'INVALID_DEFINITION',
    message: expect.stringContaining(`has ${what}, which the text of a unit file cannot express`),
  })
  expect(toProperties(settings)).toHaveLength(1)
})
