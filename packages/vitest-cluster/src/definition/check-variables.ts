import { type Refuse, shown } from './refuse.ts'
import { isPlain, textProblem } from './words.ts'

/** A name that a shell accepts: `export NAME=…`. */
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/

/** Names that Node, Vitest or this library read: another value would change how these work. */
const RESERVED =
  /^(PATH|HOME|TMPDIR|NODE_ENV|NODE_OPTIONS|XDG_CACHE_HOME|XDG_RUNTIME_DIR|DBUS_SESSION_BUS_ADDRESS|VITEST|VITEST_.*)$/

/** Checks the result of a service's `variables`. @returns the values as text, without those that are undefined */
export function checkedVariables(variables: unknown, refuse: Refuse): Record<string, string> {
  const fix =
    'Return variables by their names: variables: (handle) => ({ SERVICE_URL: handle.url }).'
  if (!isPlain(variables)) return refuse(`variables returns ${shown(variables)}`, fix)
  const entries = Object.entries(variables).flatMap(([name, value]) => {
    checkName(name, refuse)
    if (value === undefined) return []
    const text = textOf(value)
    const problem = text === undefined ? 'is not a string, number or boolean' : textProblem(text)
    if (problem) refuse(`its variable ${name} is ${shown(value)}, which ${problem}`, fix)
    return [[name, text as string] as const]
  })
  return Object.fromEntries(entries)
}

function checkName(name: string, refuse: Refuse): void {
  if (!NAME.test(name)) {
    refuse(
      `it sets the variable ${shown(name)}, which is not a valid name`,
      'Use letters, digits and _, and do not begin with a digit.',
    )
  }
  if (RESERVED.test(name)) {
    refuse(
      `it sets the variable ${name}, which Node, Vitest or vitest-cluster reads`,
      'Choose another name with variables: (handle) => ({ … }) in the service.',
    )
  }
}

function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  if (typeof value === 'boolean' || Number.isFinite(value)) return String(value)
  return undefined
}
