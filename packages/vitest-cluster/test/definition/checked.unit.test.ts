import { expect, test } from 'vitest'
import { awaitable, checkedHandle } from '../../src/definition/check-results.ts'
import { forSession } from '../../src/definition/define.ts'
import type { ServiceDefinition } from '../../src/definition/service.ts'
import type { StateContext } from '../../src/definition/service-context.ts'
import { ClusterError, type ServiceInput } from '../../src/index.ts'
import { serviceContext } from '../../src/plan/context.ts'
import { known } from '../helpers/planned.ts'
import { refusal } from '../helpers/refusal.ts'
import { script } from '../helpers/services.ts'

/** The service `web` as a session uses it, and the context of its functions. */
function used(options: object) {
  const services = { web: script('true', options as Partial<ServiceInput>) }
  const web: ServiceDefinition = forSession({ services }).services.web
  return { web, context: serviceContext(known('chroot', services), 'web') }
}

/** An ordinary name, except for `await` and the linter. */
const THEN = 'then'
const cycle: unknown[] = []
cycle.push(cycle)

test.for([
  ['command', undefined, 'command() is missing'],
  ['command', ['sh', 5], 'command()[1] is 5, which is not a string'],
  ['command', ['bin/sh'], 'command()[0] is "bin/sh", which is a relative path'],
  ['command', [''], 'which is empty'],
  ['command', ['sh', 'a\0'], 'which has a NUL character'],
  ['command', ['sh', 'x'.repeat(131_072)], 'which is longer than 131071 bytes'],
  ['command', ['sh', ...Array(30).fill('x'.repeat(100_000))], 'command() is longer than 2 MiB'],
  ['command', Promise.resolve(['sh']), "command() is Promise { [ 'sh' ] }, which is not an array"],
  ['env', { A: 5 }, 'env().A is 5, which is not a string'],
  ['env', { A: undefined }, 'env().A is missing'],
  ['env', { 'A=B': 'x' }, 'a key of env() is "A=B", which has = in it'],
  ['env', { '': 'x' }, 'a key of env() is "", which is empty'],
  ['env', { A: 'a\0b' }, 'env().A is "a\\u0000b", which has a NUL character'],
  [
    'env',
    Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`A${i}`, 'x'.repeat(100_000)])),
    'env() is longer than 2 MiB',
  ],
  ['env', ['A=B'], 'env() is ["A=B"], which is not an object'],
  [
    'unit',
    { MemoryMax: '1G' },
    'unit().MemoryMax is "1G", which is not a whole number greater than 0',
  ],
  ['unit', 'big', 'unit() is "big", which is not an object'],
  ['files', ['a'], 'files() is ["a"], which is not an object'],
  ['files', { '../up': 'x' }, 'a key of files() is "../up", which has .. in it'],
  ['files', { '/etc/passwd': 'x' }, 'a key of files() is "/etc/passwd", which begins with /'],
  ['files', { '': 'x' }, 'a key of files() is "", which names the directory itself'],
  ['files', { './.': 'x' }, 'a key of files() is "./.", which names the directory itself'],
  ['files', { 'a/': 'x' }, 'a key of files() is "a/", which ends with /'],
  ['files', { 'a\0': 'x' }, 'a key of files() is "a\\u0000", which has a NUL character'],
  ['files', { a: 5 }, 'files().a.content is 5, which is not text'],
  [
    'files',
    { a: Buffer.from('x') },
    'files().a.content is {"type":"Buffer","data":[120]}, which is not text',
  ],
  [
    'files',
    { a: { content: 'x', mode: 0o10000 } },
    'files().a.mode is 4096, which is not a file mode',
  ],
  ['files', { a: { content: 'x', mode: -1 } }, 'files().a.mode is -1, which is not a file mode'],
  [
    'files',
    { a: { content: 'x', mode: '0644' } },
    'files().a.mode is "0644", which is not a file mode',
  ],
  ['files', { a: 'x', 'a/b': 'y' }, 'files() has the file "a" and "a/b" below it'],
  ['files', { a: 'x', './a': 'y' }, 'files() has the file "./a" twice'],
  ['clientFiles', null, undefined],
  ['clientFiles', { a: null }, 'clientFiles().a.content is null, which is not text'],
  ['values', { a: new Date(0) }, 'values() has a: "1970-01-01T00:00:00.000Z"'],
  ['values', { a: { b: () => 5 } }, 'values() has a.b: [Function: b]'],
  ['values', { a: Number.NaN }, 'values() has a: NaN'],
  ['values', { a: [undefined] }, 'values() has a.0: undefined'],
  ['values', { a: cycle }, 'values() has a.0: <ref *1> [ [Circular *1] ]'],
  ['values', JSON.parse('{"__proto__":1}'), 'values() has __proto__: 1'],
  ['values', 'secret', 'values() is "secret", which is not an object'],
] as [string, unknown, string | undefined][])(
  'the result of %s is checked: %j',
  async ([field, value, message]) => {
    for (const given of field === 'files' || field === 'values'
      ? [value, Promise.resolve(value)]
      : [value]) {
      const { web, context } = used({ [field]: () => given })
      const run = async () => (web[field as 'files'] as (of: unknown) => unknown)(context)
      if (message === undefined) expect(await run()).toEqual({})
      else {
        await expect(run()).rejects.toBeInstanceOf(ClusterError)
        await expect(run()).rejects.toMatchObject({
          code: 'INVALID_DEFINITION',
          details: { service: 'web', message: expect.stringContaining(message) },
        })
      }
    }
  },
)

test('a result with a property then is not awaited', async () => {
  const never = { [THEN]: () => {} }
  const { web, context } = used({
    files: () => never,
    values: () => never,
    state: { inputs: () => never, make: async () => {} },
  })
  expect(() => web.files?.(context)).toThrow('files().then.content is [Function')
  expect(() => web.values?.(context)).toThrow('values() has then: ')
  await expect(web.state?.inputs(context)).rejects.toThrow('state.inputs returns then: ')
  expect(() => awaitable(never, 'web')).toThrow('its handle has a property named then')
})

test('valid results are returned; files get a mode and a normalized path', async () => {
  const files = {
    'a/./b': 'text',
    [THEN]: { content: '' },
    ['constructor']: { content: 'x', mode: 0o7777 },
  }
  const { web, context } = used({
    files: () => files,
    env: () => ({ constructor: 'x', A: 'a=b\n%n' }),
  })
  expect(await web.files?.(context)).toEqual({
    'a/b': { content: 'text', mode: 0o600 },
    [THEN]: { content: '', mode: 0o600 },
    ['constructor']: { content: 'x', mode: 0o7777 },
  })
  expect(web.env?.(context)).toEqual({ constructor: 'x', A: 'a=b\n%n' })
})

test("functions of a service are called as methods of the user's object", () => {
  class Mine {
    readonly kind = 'mine'
    readonly ready = 'started'
    readonly #program = '/usr/bin/true'
    command() {
      return [this.#program]
    }
  }
  const { mine } = forSession({ services: { mine: new Mine() } }).services
  expect((mine as ServiceDefinition).command({} as never)).toEqual(['/usr/bin/true'])
})

test('inputs of a state that JSON cannot represent are refused', async () => {
  const inputs = (value: unknown) =>
    used({ state: { inputs: () => value, make: async () => {} } }).web.state?.inputs({
      name: 'web',
      baseDirectory: '/',
    })
  for (const value of [
    new Map([['a', 1]]),
    [new Set()],
    5n,
    [() => 5],
    { a: Number.NaN },
    cycle,
    [undefined],
  ])
    await expect(inputs(value)).rejects.toThrow('web: state.inputs returns')
  for (const value of [
    { a: undefined, b: new Date(0) },
    undefined,
    new URL('file:///a'),
    Buffer.from('a'),
  ])
    await expect(inputs(value)).resolves.toBe(value)
})

test('paths that a state writes are checked', async () => {
  const make: (context: StateContext) => Promise<void> = ({ write }) => write({ '../up': 'x' })
  const { web } = used({ state: { inputs: () => 1, make } })
  const write = () => expect.unreachable('it is written')
  await expect(web.state?.make({ name: 'web', write } as never)).rejects.toThrow(
    'a key of state.make() is "../up", which has .. in it',
  )
})

test('a handle that is not a plain object, or has a property then, is refused', () => {
  for (const handle of ['url', [], new Map(), new (class Client {})(), { [THEN]: () => {} }])
    expect(refusal(() => checkedHandle(handle, 'web'))).toMatchObject({
      code: 'INVALID_DEFINITION',
      service: 'web',
    })
  const handle = { constructor: 5, url: 'x' }
  expect(checkedHandle(handle, 'web')).toBe(handle)
})
