import type { Values } from './json.ts'
import { type Refuse, reading, refuseFor, shown } from './refuse.ts'
import { a, type Check, mode, object, optional, record, valid } from './schema.ts'
import type { FileContent, Files } from './service.ts'
import { isPlain, relativePathProblem, UNUSABLE } from './words.ts'

const FILES =
  "Return files by their paths: { 'app.conf': 'text', 'bin/start': { content: 'text', mode: 0o700 } }"
const FILE = object<{ readonly content: string; readonly mode?: number }>({
  content: a('text', (content) => typeof content === 'string', FILES),
  mode: optional(mode),
})

/** Files that a service's function returns, by their paths from its directory. */
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

/** Checks the values of a session: they go to workers as data. */
export const checkedValues: Check<Values> = (values, name, refuse) => {
  const fix = "Return plain data, such as { password: '…' }."
  const given = a<Values>('an object', isPlain, fix)(values, name, refuse)
  const problem = jsonProblem(given, isPlain)
  if (problem) refuse(`${name} has ${problem.path}: ${shown(problem.value)}`, fix)
  return given
}

/** Checks what a state depends on: two that differ must not have the same JSON. */
export function checkedInputs(inputs: unknown, refuse: Refuse): unknown {
  const lossy = (value: object) =>
    !(value instanceof Map || value instanceof Set || value instanceof Promise)
  const problem = jsonProblem(inputs, lossy)
  if (!problem) return inputs
  return refuse(
    `state.inputs returns ${problem.path}: ${shown(problem.value)}, which JSON cannot tell from others`,
    'Return texts, numbers, booleans, lists and objects of them: their JSON is the key.',
  )
}

/** The first part that JSON cannot express. */
function jsonProblem(
  value: unknown,
  takes: (value: object) => boolean,
  path: readonly (string | number)[] = [],
  above: readonly object[] = [],
): { path: string; value: unknown } | undefined {
  const wrong = { path: path.join('.') || 'it all', value }
  if (typeof value === 'object' && value !== null) {
    const known = Array.isArray(value) || takes(value)
    if (!known || above.includes(value) || above.length > 100) return wrong
    // Not entries() of a list: it passes over the holes of [, 'a']
    const parts = Array.isArray(value) ? Object.entries(Array.from(value)) : Object.entries(value)
    for (const [key, part] of parts) {
      // JSON makes null of it in a list, and leaves it out of an object, as who reads it would
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

/** What a `handle` function returned, unless `await` would take a plain object for a promise. */
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
      `its handle function returns ${shown(handle)}, whose methods a handle would not have`,
      'Return a plain object: handle: () => ({ client: new Client() }).',
    )
  }
  if (!Object.hasOwn(handle, 'then')) return handle
  return refuse(
    'its handle has a property then, so that await would take it for a promise',
    'Give it another name.',
  )
}
