import type { Site } from '../errors.ts'

/** What JavaScript itself looks up on any object: `await`, `JSON.stringify`. */
const ASKED_BY_JAVASCRIPT = ['then', 'toJSON']

const guards = new WeakSet<object>()

/**
 * Makes a test's context throw where a fixture is read that it does not have. Vitest gives undefined.
 *
 * HACK: Vitest has no hook for this, and a fixture sees neither the test's function nor the names that it reads. What a
 * test and its hooks read is a property of the context, which Vitest has set by then where the fixture exists. So only
 * what is missing reaches the context's prototype, and that is what is replaced.
 */
export function refuseUnknown(context: object, error: (name: string, at: Site) => unknown): void {
  const inherited: object = Object.getPrototypeOf(context)
  // A retried test has the same context
  if (guards.has(inherited)) return
  const guard = new Proxy(Object.create(inherited) as object, {
    get: function get(target, key, receiver): unknown {
      if (typeof key === 'symbol' || key in target || ASKED_BY_JAVASCRIPT.includes(key))
        return Reflect.get(target, key, receiver)
      const at = callerOf(get)
      if (at && isOfTheProject(at)) throw error(key, at)
      return undefined
    },
  })
  guards.add(guard)
  Object.setPrototypeOf(context, guard)
}

/** Matchers, printers and mocks ask any object for what they know. */
function isOfTheProject({ file }: Site): boolean {
  return !file.includes('/node_modules/')
}

/** Where a function was called; Vitest maps the place to the source, as it does with all stacks. */
function callerOf(called: (...args: never) => unknown): Site | undefined {
  const trace = { stack: '' }
  Error.captureStackTrace(trace, called)
  const [, frame = ''] = String(trace.stack).split('\n')
  const [, file, line, column] = /[ (](?:file:\/\/)?(\/.+?):(\d+):(\d+)\)?$/.exec(frame) ?? []
  return file ? { file, line: Number(line), column: Number(column) } : undefined
}
