// @module-tag systemd
import { randomBytes } from 'node:crypto'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join, posix } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { absolutePathProblem, textProblem } from '../../src/definition/words.ts'
import type { OpenedSession } from '../../src/open/session.ts'
import { unitVariables } from '../../src/plan/environment.ts'
import { Manager } from '../../src/systemd/manager.ts'
import { type UnitSettings, unitText } from '../../src/systemd/settings.ts'
import { script } from '../helpers/services.ts'
import { up } from '../helpers/session.ts'

// To try others: VITEST_CLUSTER_TEST_SEED=$RANDOM
const SEED = Number(process.env['VITEST_CLUSTER_TEST_SEED'] ?? 20261128)
const RUNS = Number(process.env['VITEST_CLUSTER_TEST_RUNS'] ?? 20)
const NAME = 'org.freedesktop.systemd1'
/** Properties that depend on a unit's origin and on its run. */
const OF_THE_RUN =
  /^(Id|Names|InvocationID|FragmentPath|Transient|Perpetual|Job|.*State|.*Timestamp(Monotonic)?|.*Result|.*PID|ExecMain.*|Refs|CanStart|ControlGroup(Id)?|.*Current|.*Available|UID|GID|StatusErrno|NFileDescriptorStore|CPUUsageNSec|.*(Bytes|Operations|Packets)|WatchdogUSec|Effective.*|.*OOMKills|UnitFilePreset|MemoryPeak|MemorySwap.*Peak)$/

let session: OpenedSession
let manager: Manager
/** Where the manager looks for unit files, as the test sees it. */
let directory: string

beforeAll(async () => {
  session = await up({ box: script('exec sleep infinity') })
  manager = await Manager.connect(session.plan.manager.address)
  const own = join(session.plan.paths.directory, 'cluster/manager/user')
  directory = session.plan.manager.own
    ? own
    : join(process.env['XDG_RUNTIME_DIR'] ?? '', 'systemd/user')
})

afterAll(async () => {
  manager?.disconnect()
  await session?.close()
})

/** An unused unit name, with the suffix of the manager's type. */
function freshName(): string {
  return `vitest-cluster-${session.plan.id}-${randomBytes(4).toString('hex')}.service`
}

/** Writes a unit file, which is removed when the test ends. */
async function written(settings: UnitSettings): Promise<string> {
  const unit = freshName()
  const path = join(directory, unit)
  onTestFinished(() => rm(path, { force: true }))
  await mkdir(directory, { recursive: true })
  await writeFile(path, unitText(settings), { mode: 0o644 })
  return unit
}

async function call(member: string, ...body: string[]): Promise<unknown> {
  const [answer] = await manager.bus.call({
    destination: NAME,
    path: '/org/freedesktop/systemd1',
    interface: `${NAME}.Manager`,
    member,
    signature: 's'.repeat(body.length),
    body,
  })
  return answer
}

/** All properties of a unit in systemd's memory. */
async function properties(unit: string): Promise<Record<string, unknown>> {
  const path = String(await call('LoadUnit', unit))
  const interfaces = await Promise.all(
    ['Unit', 'Service'].map(async (kind) => {
      const [all] = await manager.bus.call({
        destination: NAME,
        path,
        interface: 'org.freedesktop.DBus.Properties',
        member: 'GetAll',
        signature: 's',
        body: [`${NAME}.${kind}`],
      })
      return Object.entries(all as Record<string, { readonly value: unknown }>)
    }),
  )
  const kept = interfaces.flat().filter(([name]) => !OF_THE_RUN.test(name))
  return Object.fromEntries(kept.map(([name, { value }]) => [name, comparable(name, value)]))
}

function comparable(name: string, value: unknown): unknown {
  const plain = JSON.parse(
    JSON.stringify(value, (_, each) => (typeof each === 'bigint' ? `${each}` : each)),
  )
  // A program's times and process belong to the run: path, arguments and flags come before them
  if (name.startsWith('Exec') && Array.isArray(plain))
    return plain.map((each: unknown[]) => each.slice(0, 3))
  if (['After', 'Requires'].includes(name)) return (plain as string[]).sort()
  return plain
}

/** The two ways to pass a unit to systemd. */
async function bothWays(settings: UnitSettings) {
  const transient = freshName()
  await manager.startTransient(transient, settings, { reference: true })
  try {
    return {
      text: await properties(await written(settings)),
      bus: await properties(transient),
    }
  } finally {
    await manager.stop(transient)
    await manager.forget(transient)
  }
}

const WORDS = [
  ...[
    'a b',
    ' ',
    '',
    '"',
    "'",
    `it's "so"`,
    '\\',
    'a\\',
    '\\n',
    '\\\\x41',
    '\\;',
    ';',
    'a;b',
    '#',
    '~',
  ],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a string that systemd would expand
  ...['%', '%n', '%%', '100%', '$', '$$', '$HOME', '${HOME}', "$'", '{', '-x', '@x', '!x', '|x'],
  ...['line\nbreak', '\ttab', '\rreturn', '\x01\x7f\x1b[0m', 'é', '日本', '😀', ' ', '=', ':', ','],
]
const VARIABLES = unitVariables(Object.fromEntries(WORDS.map((word, index) => [`V${index}`, word])))
const ODD = String.raw`/tmp/a b/it's "so"/c:d\e/%n/$HOME/é-😀`

test.for<[string, UnitSettings]>([
  ['a description', { Description: ' 100%n of\n[Service]\t"é" \\ and $HOME ' }],
  ['arguments', { ExecStart: ['/bin/true', ...WORDS] }],
  ['a program whose path has odd characters', { ExecStart: ['/tmp/a b/$x;%n/é', '$x'] }],
  [
    'programs beside it',
    {
      ExecStart: ['/bin/true'],
      ExecStop: ['/bin/true', ...WORDS],
      ExecStartPost: { prefix: '!', argv: ['/tmp/a b/$x', ...WORDS] },
      ExecStopPost: { prefix: '-!', argv: ['/bin/true', ...WORDS] },
    },
  ],
  ['variables', { Environment: VARIABLES, UnsetEnvironment: ['TERM', 'DISPLAY'] }],
  [
    'paths',
    {
      RootDirectory: ODD,
      WorkingDirectory: ODD,
      BindReadOnlyPaths: [
        [ODD, '/b'],
        ['/usr', '/usr'],
      ],
      BindPaths: [
        ['/a', ODD],
        [ODD, ODD],
      ],
      InaccessiblePaths: [`-+${ODD}`, '-/dev/mqueue'],
      StandardInput: `file:${ODD}`,
      StandardOutput: `file:${ODD}`,
      StandardError: `append:${ODD}`,
    },
  ],
  ['output that is appended', { StandardOutput: 'append:/a:b', StandardError: 'file:/c' }],
  [
    'empty lists',
    {
      Requires: [],
      After: [],
      Environment: {},
      UnsetEnvironment: [],
      BindPaths: [],
      BindReadOnlyPaths: [],
      InaccessiblePaths: [],
      SupplementaryGroups: [],
      SuccessExitStatus: [],
    },
  ],
  ['times', { TimeoutStartSec: 90_061_001.5, TimeoutStopSec: 0.001, StartLimitIntervalSec: 0 }],
  [
    'other times',
    { TimeoutStartSec: 2 ** 31 - 1, TimeoutStopSec: 1, StartLimitIntervalSec: 1_500 },
  ],
  ['limits', { MemoryMax: 3 * 2 ** 30, TasksMax: 1024, LimitNOFILE: 1 }],
  ['other limits', { MemoryMax: 1_000_001, TasksMax: 1, LimitNOFILE: 2 ** 20 }],
  ['signals', { KillSignal: 'SIGQUIT', SuccessExitStatus: ['SIGQUIT', 'SIGKILL'] }],
  ['system calls', { SystemCallFilter: { deny: ['setgroups:0', 'chown:EPERM', '@clock:kill'] } }],
  ['accounts', { User: '999', Group: '998', SupplementaryGroups: ['5', '33'], UMask: 0o7 }],
  [
    'switches',
    {
      MountAPIVFS: true,
      PrivateUsers: true,
      PrivateIPC: true,
      NoNewPrivileges: true,
      RemainAfterExit: true,
      Delegate: true,
    },
  ],
  ['switches that are off', { MountAPIVFS: false, RemainAfterExit: false, Delegate: false }],
  [
    'its place',
    { CollectMode: 'inactive-or-failed', After: ['basic.target'], Requires: ['basic.target'] },
  ],
  ['readiness', { Type: 'notify', NotifyAccess: 'all', TimeoutStartSec: 1 }],
])(
  'systemd loads the same unit from its text and from its properties: %s',
  async ([, settings]) => {
    const { text, bus } = await bothWays({
      Description: 'a test',
      ExecStart: ['/bin/true'],
      Type: 'oneshot',
      ...settings,
    })
    expect(text).toEqual(bus)
  },
)

test('programs get the same arguments and variables from both', async () => {
  const { output } = session.plan.paths
  const settings = (name: string): UnitSettings => ({
    Type: 'oneshot',
    ExecStart: [
      '/bin/sh',
      '-c',
      `printf '%s\\0' "$@"; env -0 | grep -z ^V | sort -zV`,
      'sh',
      ...WORDS,
    ],
    Environment: VARIABLES,
    StandardOutput: `file:${join(output, name)}`,
  })
  expect(await manager.startTransient(freshName(), settings('bus'))).toBe('done')
  expect(await manager.restart(await written(settings('text')))).toBe('done')
  const [bus, text] = await Promise.all(
    ['bus', 'text'].map((name) => readFile(join(output, name), 'utf8')),
  )
  const variables = Object.entries(VARIABLES).map(([name, value]) => `${name}=${value}`)
  expect(bus?.split('\0')).toEqual([...WORDS, ...variables, ''])
  expect(text).toBe(bus)
})

test('systemd loads the same unit from its text and from its properties, with any arguments and paths', async () => {
  const odd = fc.constantFrom(...'\\"\'%$ ;:{}#-~@\n\ta')
  const word = fc.oneof(
    fc.string({ unit: odd, maxLength: 9 }),
    fc.string({ unit: 'grapheme', maxLength: 9 }).filter((text) => !textProblem(text)),
  )
  const path = word
    .map((text) => posix.join('/a', text))
    .filter((text) => !absolutePathProblem(text) && !/\s$|\\$|\/$/.test(text))
  await fc.assert(
    fc.asyncProperty(fc.array(word), path, path, async (words, one, other) => {
      const variables = Object.fromEntries(words.map((each, index) => [`V${index}`, each]))
      const { text, bus } = await bothWays({
        Description: `${words.join(' ')} of a test`,
        Type: 'oneshot',
        ExecStart: ['/bin/true', ...words],
        Environment: unitVariables(variables),
        BindPaths: [[one, other]],
        BindReadOnlyPaths: [[other, other]],
        InaccessiblePaths: [`-${one}`],
        WorkingDirectory: one,
        StandardOutput: `append:${other}`,
      })
      expect(text).toEqual(bus)
    }),
    { seed: SEED, numRuns: RUNS },
  )
})
