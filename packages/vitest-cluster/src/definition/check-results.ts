import type { Values } from './json.ts'
import { type Refuse, reading, refuseFor, shown } from './refuse.ts'
import { a, type Check, mode, object, optional, record, valid } from './schema.ts'
import type { FileContent, Files } from './service-fields.ts'
import { isPlain, relativePathProblem, UNUSABLE } from './words.ts'

const FILES =
  "Return files by their paths: { 'app.conf': 'text', 'bin/start': { content: 'text', mode: 0o700 } }"
const FILE = object<{ readonly content: string; readonly mode?: number }>({
  content: a('text', (content) => typeof content === 'string', FILES),
  mode: optional(mode),
})

/** Files that a service's function returns, by their paths relative to the service's directory. */
export const files: Check<Files> = (value, name, refuse) => {
  const given = record<FileContent>(
    valid(
      (path) => (path === UNUSABLE ? 'is reserved by JavaScript' : relativePathProblem(path)),
      "Give paths relative to the service's directory, without ..",
    ),
    (file, place, refuse) => ({
      mode: 0o600,
      ...FILE(isPlain(file) ? file : { content: file }, place, refuse),
    }),
    FILES,
  )(value, name, refuse)
  const directories = new Map<string, string>()
  for (const path of Object.keys(given))
    for (const above of parents(path)) directories.set(above, path)
  const seen = new Set<string>()
  for (const path of Object.keys(given)) {
    const other = directories.get(clean(path))
    if (other !== undefined)
      refuse(`${name} has the file ${shown(path)} and ${shown(other)} below it`, 'Rename one.')
    if (seen.has(clean(path))) refuse(`${name} has the file ${shown(path)} twice`, 'Remove one.')
    seen.add(clean(path))
  }
  return Object.fromEntries(Object.entries(given).map(([path, file]) => [clean(path), file]))
}

/** `a/./b//c` -> `a/b/c` */
function clean(path: string): string {
  const parts = path.split('/')
  return parts.filter((part) => part !== '' && part !== '.').join('/')
}

/** `a/b/c` -> `a`, `a/b` */
function parents(path: string): string[] {
  const parts = clean(path).split('/')
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join('/'))
}

/** Checks the values of a session, which are sent to workers as data. */
export const checkedValues: Check<Values> = (values, name, refuse) => {
  const fix = "Return plain data, such as { password: '…' }."
  const given = a<Values>('an object', isPlain, fix)(values, name, refuse)
  const problem = jsonProblem(given, isPlain)
  if (problem) refuse(`${name} has ${problem.path}: ${shown(problem.value)}`, fix)
  return given
}

/** Checks the inputs of a state: different inputs must not have the same JSON. */
export function checkedInputs(inputs: unknown, refuse: Refuse): unknown {
  const lossy = (value: object) =>
    !(value instanceof Map || value instanceof Set || value instanceof Promise)
  const problem = jsonProblem(inputs, lossy)
  if (!problem) return inputs
  return refuse(
    `state.inputs returns ${problem.path && `${problem.path}: `}${shown(problem.value)}, which JSON cannot represent`,
    'Return strings, numbers, booleans, arrays and objects of them: their JSON is the key of the cached state.',
  )
}

/** The first part that JSON cannot represent. */
function jsonProblem(
  value: unknown,
  takes: (value: object) => boolean,
  path: readonly (string | number)[] = [],
  above: readonly object[] = [],
): { path: string; value: unknown } | undefined {
  const wrong = { path: path.join('.'), value }
  if (typeof value === 'object' && value !== null) {
    const known = Array.isArray(value) || takes(value)
    if (!known || above.includes(value) || above.length > 100) return wrong
    // Array.from: entries() skips the holes of [, 'a']
    const parts = Array.isArray(value) ? Object.entries(Array.from(value)) : Object.entries(value)
    for (const [key, part] of parts) {
      // JSON changes undefined to null in an array. In an object it omits the key, which reads the same
      if (part === undefined && Array.isArray(value))
        return { path: [...path, key].join('.'), value: part }
      if (key === UNUSABLE) return { path: [...path, key].join('.'), value: part }
      const problem = jsonProblem(part, takes, [...path, key], [...above, value])
      if (problem) return problem
    }
    return undefined
  }
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : wrong
  return ['bigint', 'function', 'symbol'].includes(typeof value) ? wrong : undefined
}

/** Returns the result of a `handle` function. Refuses a plain object that `await` would treat as a promise. */
export function awaitable(handle: unknown, service: string): unknown {
  return reading('its handle', service, () =>
    isPlain(handle) && Object.hasOwn(handle, 'then') ? checkHandle(handle, service) : handle,
  )
}

/** Checks what a service's `handle` returns: its own properties become those of the handle that a test gets. */
export function checkedHandle(handle: unknown, service: string): object {
  return reading('its handle', service, () => checkHandle(handle, service))
}

function checkHandle(handle: unknown, service: string): object {
  const refuse = refuseFor(service)
  if (!isPlain(handle)) {
    return refuse(
      `its handle function returns ${shown(handle)}, which is not a plain object`,
      'Return a plain object: handle: () => ({ client: new Client() }).',
    )
  }
  if (!Object.hasOwn(handle, 'then')) return handle
  return refuse(
    'its handle has a property named then, so await would treat the handle as a promise',
    'Rename the property.',
  )
}
