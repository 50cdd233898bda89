import { expect, test } from 'vitest'
import { defineCluster, forSession } from '../../src/definition/define.ts'
import { calling, described, thrownAt } from '../../src/definition/thrown.ts'
import { ClusterError, type ServiceDefinition } from '../../src/index.ts'

const THROWN: readonly (readonly [thrown: unknown, words: string])[] = [
  [new TypeError('no such thing'), 'TypeError: no such thing'],
  [new Error(''), 'Error without a message'],
  ['x', '"x", which is not an Error'],
  [undefined, 'undefined, which is not an Error'],
  [null, 'null, which is not an Error'],
  [{ code: 3 }, '{"code":3}, which is not an Error'],
  [
    new Error('outer', { cause: new RangeError('inner', { cause: 'seed' }) }),
    'Error: outer\ncaused by RangeError: inner\ncaused by "seed", which is not an Error',
  ],
  [
    new AggregateError([new Error('one'), 'two'], 'both'),
    'AggregateError: both\n(1) Error: one\n(2) "two", which is not an Error',
  ],
  [new Error('first\nsecond\n'), 'Error: first\nsecond'],
]

test.for(THROWN)('the message has the thrown value: %o', ([thrown, words]) => {
  expect(described(thrown)).toBe(words)
})

test('the message for a thrown value is short, also if it cannot be read, is very long or circular', () => {
  const hostile = new Error('x')
  Object.defineProperty(hostile, 'message', {
    get: () => {
      throw new Error('no')
    },
  })
  expect(described(hostile)).toBe('an error that cannot be read')
  expect(described(new Error('x'.repeat(1_000_000))).length).toBeLessThan(2100)
  const circle = new Error('round')
  circle.cause = circle
  expect(described(circle).match(/round/g)).toHaveLength(4)
})

test("the user's line is found in the stack, without frames of the library and of packages", () => {
  const error = Object.assign(new Error('a\n    at quoted (/app/quoted.ts:1:1)'), {
    stack: `Error: a
    at quoted (/app/quoted.ts:1:1)
    at open (/app/node_modules/pg/index.js:1:1)
    at node:internal/modules:1:1
    at async Object.values (file:///app/my%20own%20(1).ts:22:23)
    at /app/cluster.config.ts:3:4`,
  })
  expect(thrownAt(error)).toEqual({ file: '/app/my own (1).ts', line: 22, column: 23 })
  const outer = Object.assign(new Error('outer', { cause: error }), { stack: 'Error: outer' })
  expect(thrownAt(outer)).toMatchObject({ line: 22 })
  expect(thrownAt('x')).toBeUndefined()
})

const thrower = { service: 'db', what: 'values' }

test("an error of a function has the service, the function's name and the error as cause", () => {
  const own = new TypeError('no such thing')
  const fails = () => {
    throw own
  }
  const error = caught(() => calling(thrower, fails))
  expect(error).toMatchObject({
    code: 'FUNCTION_FAILED',
    cause: own,
    details: { service: 'db', at: { file: import.meta.filename } },
  })
  expect(error).toMatchObject({
    message: expect.stringContaining('db: its function values threw TypeError: no such thing ['),
  })
  const ours = new ClusterError({ code: 'INVALID_DEFINITION', message: 'said already' })
  expect(
    caught(() =>
      calling(thrower, () => {
        throw ours
      }),
    ),
  ).toBe(ours)
})

// The argument does not matter: each function throws at once, or later
const FUNCTIONS = ['values', 'files', 'clientFiles', 'command', 'env', 'unit'] as const
const LATER = ['values', 'files', 'clientFiles', 'state.inputs', 'state.make']

test.for([
  ...[...FUNCTIONS, 'state.inputs', 'state.make'].map((what) => [what, 'throws'] as const),
  ...LATER.map((what) => [what, 'rejects'] as const),
])('an error is wrapped when %s of a service %s', async ([what, how]) => {
  const fails = () => {
    if (how === 'rejects') return Promise.reject(new Error('on purpose'))
    throw new Error('on purpose')
  }
  const state = { inputs: () => 1, make: async () => {} }
  const part = what.startsWith('state.')
    ? { state: { ...state, [what.slice(6)]: fails } }
    : { [what]: fails }
  const base = { kind: 'x', command: () => ['/bin/true'], ready: 'started' as const }
  const service: ServiceDefinition = { ...base, ...part } as never
  const { db } = forSession(defineCluster({ services: { db: service } })).services
  const call = async () =>
    what === 'state.inputs'
      ? db.state?.inputs({ name: 'db', baseDirectory: '/' })
      : what === 'state.make'
        ? db.state?.make({ name: 'db' } as never)
        : db[what as 'values']?.({ name: 'db' } as never)
  await expect(call()).rejects.toMatchObject({
    code: 'FUNCTION_FAILED',
    message: expect.stringContaining(`db: its function ${what} threw Error: on purpose [`),
    details: { at: { file: import.meta.filename } },
  })
})

function caught(work: () => unknown): unknown {
  try {
    return work()
  } catch (error) {
    return error
  }
}
