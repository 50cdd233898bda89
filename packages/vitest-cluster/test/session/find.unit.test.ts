import { expect, test } from 'vitest'
import { type FoundSession, pickSession, type WantedSession } from '../../src/session/find.ts'
import type { Purpose, SessionRecord } from '../../src/session/record.ts'

const CONFIG = '/home/me/project/cluster.config.ts'
const OTHER = '/home/me/other/cluster.config.ts'

function up(id: string, config: string, purpose: Purpose = 'up'): FoundSession {
  const record = { config, purpose, opened: Date.now() - 90_000 } as SessionRecord
  return { id, directory: `/tmp/${id}`, state: 'up', record }
}

const failures: readonly {
  what: string
  all: readonly FoundSession[]
  wanted: WantedSession
  says: string
}[] = [
  {
    what: 'none is up',
    all: [],
    wanted: { config: CONFIG },
    says: `no session of ${CONFIG} is up [NO_SUCH_SESSION]
  fix: Open one: npx vitest-cluster up --detach`,
  },
  {
    what: 'none of the definition in --config is up, and one is starting',
    all: [{ id: 'cccccccc', directory: '/tmp/cccccccc', state: 'starting' }],
    wanted: { config: CONFIG, option: './cluster.config.ts' },
    says: `no session of ${CONFIG} is up, but a session is starting [NO_SUCH_SESSION]
  fix: Open one: npx vitest-cluster up --detach --config ./cluster.config.ts`,
  },
  {
    what: 'only those of another definition are up',
    all: [up('aaaaaaaa', OTHER, 'kept')],
    wanted: { config: CONFIG },
    says: `no session of ${CONFIG} is up [NO_SUCH_SESSION]
  fix: Open one: npx vitest-cluster up --detach
       Or choose a session of another definition:
         --session aaaaaaaa   kept after a failed test run, 1 min 30 s ago, ${OTHER}`,
  },
  {
    what: 'several are up',
    all: [up('aaaaaaaa', CONFIG), up('aaaabbbb', CONFIG), up('cccccccc', OTHER)],
    wanted: { config: CONFIG },
    says: `2 sessions of ${CONFIG} are up [NO_SUCH_SESSION]
  fix: Choose a session:
         --session aaaaaaaa   opened by vitest-cluster up, 1 min 30 s ago, ${CONFIG}
         --session aaaabbbb   opened by vitest-cluster up, 1 min 30 s ago, ${CONFIG}`,
  },
  {
    what: 'the given id is the beginning of several ids',
    all: [up('aaaaaaaa', CONFIG), up('aaaabbbb', OTHER), up('cccccccc', OTHER)],
    wanted: { config: CONFIG, id: 'aaaa' },
    says: `2 sessions have ids that begin with aaaa [NO_SUCH_SESSION]
  fix: Choose a session:
         --session aaaaaaaa   opened by vitest-cluster up, 1 min 30 s ago, ${CONFIG}
         --session aaaabbbb   opened by vitest-cluster up, 1 min 30 s ago, ${OTHER}`,
  },
  {
    what: 'the given id is not the beginning of any id',
    all: [],
    wanted: { id: 'aaaa' },
    says: `no session of yours with the ID aaaa is up [NO_SUCH_SESSION]
  fix: Open one: npx vitest-cluster up --detach`,
  },
  {
    what: 'there is no definition',
    all: [up('aaaaaaaa', OTHER, 'test')],
    wanted: {},
    says: `there is no cluster.config.ts in this directory or above it [NO_SUCH_SESSION]
  fix: Run the command in the project's directory, or name the definition: --config FILE.
       Or choose a session:
         --session aaaaaaaa   opened by a test run, 1 min 30 s ago, ${OTHER}`,
  },
]

test.for(failures)(
  'a session is not found if $what: the error has the fix',
  ({ all, wanted, says }) => {
    expect(() => pickSession(all, wanted)).toThrow(expect.objectContaining({ message: says }))
  },
)

test('a session of up is preferred to those of test runs', () => {
  const all = [up('aaaaaaaa', CONFIG, 'test'), up('bbbbbbbb', CONFIG, 'up'), up('cccccccc', OTHER)]
  expect(pickSession(all, { config: CONFIG }).id).toBe('bbbbbbbb')
  expect(pickSession(all, { config: CONFIG, id: 'cc' }).id).toBe('cccccccc')
})
