import { readFileSync } from 'node:fs'
import { ClusterError, isClusterError, type Site } from '../errors.ts'
import { own } from '../own.ts'
import { userFrames } from './frames.ts'

/** Where each service was made: an error that is never thrown, whose stack becomes text only when it is read. */
const made = new WeakMap<object, Error>()
/** Enough for nested functions of the user that make services. */
const FRAMES = 30

/** Records the current stack as the place where the service was made. */
export function remember(service: object): void {
  const { stackTraceLimit } = Error
  Reflect.set(Error, 'stackTraceLimit', FRAMES)
  made.set(service, new Error())
  Reflect.set(Error, 'stackTraceLimit', stackTraceLimit)
}

/** Gives a copy of a service the place of the service. */
export function rememberCopy(copy: object, service: object): void {
  const stack = made.get(service)
  if (stack) made.set(copy, stack)
}

/**
 * Where a service is defined: its key in `services`, else the call that made it.
 * @param file the file of the cluster's definition, if there is one
 */
export function serviceSite(
  name: string,
  service: object | undefined,
  file?: string,
): Site | undefined {
  const stack = service && made.get(service)
  // The outermost first: a function in another file may have made it
  const calls = stack ? userFrames(stack).toReversed() : []
  const key = keyOf(name)
  for (const call of calls) {
    const line = read(call.file)?.split('\n')[call.line - 1] ?? ''
    const column = line.search(key)
    if (column >= 0) return { ...call, column: column + 1 }
  }
  const files = new Set([...(file === undefined ? [] : [file]), ...calls.map((call) => call.file)])
  for (const each of files) {
    const found = keyIn(read(each) ?? '', each, name)
    if (found) return found
  }
  return calls.find((call) => call.file === file) ?? calls[0]
}

/** The place in a definition's text of a service's key after `services`. Pure. */
export function keyIn(source: string, file: string, service: string): Site | undefined {
  const code = withoutComments(source)
  const services = code.search(/\bservices\b/)
  if (services < 0) return undefined
  const found = keyOf(service).exec(code.slice(services))
  return found ? siteAt(code, file, services + found.index) : undefined
}

/** `ldap: ldap(…)`, `'ldap': …`, or the shorthand `ldap,`; names have no special characters of a pattern. */
function keyOf(name: string): RegExp {
  return new RegExp(`(?<=^|[{,\\s])(?:(['"])${name}\\1\\s*(?=[:(])|${name}\\s*(?=[:,}(]))`)
}

/** The text with spaces in place of comments and imports, where names of services are not keys. */
function withoutComments(source: string): string {
  const parts =
    /'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`|\/\/.*|\/\*[\s\S]*?\*\/|^import\b[^'"]*/gm
  return source.replace(parts, (part) => (/^['"`]/.test(part) ? part : part.replace(/[^\n]/g, ' ')))
}

function siteAt(source: string, file: string, offset: number): Site {
  const before = source.slice(0, offset).split('\n')
  return { file, line: before.length, column: (before.at(-1)?.length ?? 0) + 1 }
}

/** Adds the place where a service is defined to an error about it. Returns other errors unchanged. */
export function withServiceSite(
  error: unknown,
  services: Readonly<Record<string, object>>,
): unknown {
  const name = nameIn(error)
  return name === undefined ? error : withPlace(error, serviceSite(name, own(services, name)))
}

/** Adds the place in the definition's file to an error of opening it. Returns other errors unchanged. */
export function withSite(error: unknown, file: string): unknown {
  if (!isClusterError(error)) return error
  const name = nameIn(error)
  const ofService = name === undefined ? undefined : serviceSite(name, undefined, file)
  return withPlace(error, ofService ?? siteOfDefinition(error, file))
}

/** The line of the definition that caused the error: a call such as `ssh({ … })`, else `defineCluster`. */
function siteOfDefinition(error: ClusterError, file: string): Site | undefined {
  const passed = userFrames(error)
  const call = passed.find((each) => each.file === file) ?? passed[0]
  if (error.code === 'INVALID_DEFINITION' && call) return call
  if (error.code !== 'INVALID_DEFINITION' && !error.details.service) return undefined
  const source = read(file) ?? ''
  const offset = source.indexOf('defineCluster(')
  return offset < 0 ? undefined : siteAt(source, file, offset)
}

/** An error about a missing program may name several services: the first of them has the place. */
function nameIn(error: unknown): string | undefined {
  return isClusterError(error) ? error.details.service?.split(', ')[0] : undefined
}

function withPlace(error: unknown, at: Site | undefined): unknown {
  if (!at || !isClusterError(error) || error.details.at) return error
  const placed = new ClusterError({ ...error.details, at }, { cause: error.cause })
  // A program that catches the error needs its original stack
  placed.stack = error.stack?.replace(error.message, () => placed.message) ?? ''
  return placed
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}
