import type { Site } from '../errors.ts'

/**
 * Names that libraries look up on any object, to find out what it is: `await`, `JSON.stringify`, matchers, printers.
 * So do names that begin with `_`, `$` or `@`.
 */
const PROBED = ['asymmetricMatch', 'calls', 'getMockName', 'inspect', 'mock', 'nodeType', 'sample']
const ALLOWED = new Set([...PROBED, 'tagName', 'then', 'toJSON'])

const guards = new WeakSet<object>()

/**
 * Makes a test's context throw where a fixture is read that it does not have. Vitest gives undefined.
 *
 * HACK: Vitest has no hook for this, and a fixture sees neither the test's function nor the names that it reads. What a
 * test and its hooks read is a property of the context, which Vitest has set by then where the fixture exists. So only
 * what is missing reaches the context's prototype, and that is what is replaced.
 */
export function refuseUnknown(
  context: object,
  error: (name: string, at: Site | undefined) => unknown,
): void {
  const inherited: object = Object.getPrototypeOf(context)
  // A retried test has the same context
  if (guards.has(inherited)) return
  const guard = new Proxy(Object.create(inherited) as object, {
    get: function get(target, key, receiver): unknown {
      const fixture = typeof key === 'string' && !ALLOWED.has(key) && !/^[_$@]/.test(key)
      if (fixture && !(key in target)) throw error(key, callerOf(get))
      return Reflect.get(target, key, receiver)
    },
  })
  guards.add(guard)
  Object.setPrototypeOf(context, guard)
}

/** Where a function was called. Vitest maps it to the source, as it does with any frame of a stack. */
function callerOf(called: (...args: never) => unknown): Site | undefined {
  const trace = { stack: '' }
  Error.captureStackTrace(trace, called)
  const [, frame = ''] = String(trace.stack).split('\n')
  const [, file, line, column] = /(?:file:\/\/)?(\/.+?):(\d+):(\d+)\)?$/.exec(frame) ?? []
  return file ? { file, line: Number(line), column: Number(column) } : undefined
}
