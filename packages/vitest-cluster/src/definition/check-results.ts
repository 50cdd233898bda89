import type { Values } from './json.ts'
import { type Refuse, reading, refuseFor, shown } from './refuse.ts'
import type { Files } from './service.ts'
import { areTooLong, isPlain, relativePathProblem, textProblem, UNUSABLE } from './words.ts'

/** Checks files that a service's function returns. @param what the function */
export function checkedFiles(files: unknown, what: string, refuse: Refuse): Files {
  const fix = `${what} returns files by their paths: { 'app.conf': 'text', 'bin/start': { content: 'text', mode: 0o700 } }`
  if (!isPlain(files)) return refuse(`${what} returns ${shown(files)}`, fix)
  const directories = new Map<string, string>()
  for (const path of Object.keys(files))
    for (const above of parents(path)) directories.set(above, path)
  const seen = new Set<string>()
  const checked = Object.entries(files).map(([path, file]) => {
    const problem = path === UNUSABLE ? 'is no name for a file' : relativePathProblem(path)
    if (problem) {
      refuse(
        `the file ${shown(path)} of ${what} would leave the service's directory: it ${problem}`,
        'Give paths relative to the directory, without ..',
      )
    }
    const other = directories.get(clean(path))
    if (other !== undefined)
      refuse(`${what} has the file ${shown(path)} and ${shown(other)} below it`, 'Rename one.')
    if (seen.has(clean(path))) refuse(`${what} has the file ${shown(path)} twice`, 'Remove one.')
    seen.add(clean(path))
    return [clean(path), checkedFile(path, file, what, fix, refuse)]
  })
  return Object.fromEntries(checked) as Files
}

function checkedFile(path: string, file: unknown, what: string, fix: string, refuse: Refuse) {
  const { content, mode = 0o600 } = isPlain(file) ? file : { content: file }
  if (typeof content !== 'string')
    refuse(`${what} has ${shown(path)} with the content ${shown(content)}, which is no text`, fix)
  if (!Number.isInteger(mode) || (mode as number) < 0 || (mode as number) > 0o7777) {
    refuse(
      `${what} has ${shown(path)} with mode: ${shown(mode)}`,
      'Write it in octal: mode: 0o644; 0o7777 is the highest.',
    )
  }
  return { content, mode }
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

/** Checks variables of the environment. */
export function checkedEnv(
  env: unknown,
  what: string,
  refuse: Refuse,
): Readonly<Record<string, string>> {
  const fix = `Write ${what}: { LANG: 'C.UTF-8' }; numbers as text, such as \`\${ports.http}\`.`
  if (!isPlain(env)) return refuse(`${what} is ${shown(env)}`, fix)
  for (const [name, value] of Object.entries(env)) {
    const wrong = nameProblem(name)
    if (wrong) refuse(`${what} has a variable ${shown(name)}, which ${wrong}`, 'Rename it.')
    const problem = textProblem(value) ?? textProblem(`${name}=${value}`)
    if (problem) refuse(`${what} has ${name}: ${shown(value)}, which ${problem}`, fix)
  }
  if (areTooLong(Object.values<string>(env as Record<string, string>)))
    refuse(`${what} is longer than 2 MiB`, 'Put what is long into a file of `files`.')
  return { ...env } as Record<string, string>
}

/** Why nothing can be a variable's name: environ(7) has NAME=VALUE. Whatever else it has, it may be one. */
function nameProblem(name: string): string | undefined {
  if (name === '') return 'has no name'
  if (name.includes('=')) return 'has = in its name'
  if (name === UNUSABLE) return 'is no property of a plain object'
  return textProblem(name)
}

/** Checks the values of a session: they go to workers as data. */
export function checkedValues(values: unknown, refuse: Refuse): Values {
  const fix = "Return plain data, such as { password: '…' }."
  if (!isPlain(values)) return refuse(`values returns ${shown(values)}`, fix)
  const problem = jsonProblem(values, isPlain)
  if (problem) refuse(`values returns ${problem.path}: ${shown(problem.value)}`, fix)
  return values as Values
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

/** The first part that JSON has not. */
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
