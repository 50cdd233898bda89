import type { Site } from '../errors.ts'

/** Properties that JavaScript itself reads on any object (`await`, `JSON.stringify`). */
const ASKED_BY_JAVASCRIPT = ['then', 'toJSON']

const guards = new WeakSet<object>()

/**
 * Makes a test's context throw when a fixture is read that does not exist. Vitest itself returns undefined.
 *
 * HACK: Vitest has no hook for this. Fixtures that exist are own properties of the context when a test or hook reads them,
 * so only a read of a missing one reaches the context's prototype. The prototype is therefore replaced.
 */
export function refuseUnknown(context: object, error: (name: string, at: Site) => unknown): void {
  const inherited: object = Object.getPrototypeOf(context)
  // A retry has the same context
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

/** Matchers, printers and mocks read properties of any object: only reads in the project's own files are errors. */
function isOfTheProject({ file }: Site): boolean {
  return !file.includes('/node_modules/')
}

/** The place of the call of a function. Vitest maps it to the source, as in all stacks. */
function callerOf(called: (...args: never) => unknown): Site | undefined {
  const trace = { stack: '' }
  Error.captureStackTrace(trace, called)
  const [, frame = ''] = String(trace.stack).split('\n')
  const [, file, line, column] = /[ (](?:file:\/\/)?(\/.+?):(\d+):(\d+)\)?$/.exec(frame) ?? []
  return file ? { file, line: Number(line), column: Number(column) } : undefined
}
