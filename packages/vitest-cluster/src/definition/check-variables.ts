import { type Refuse, shown } from './refuse.ts'
import { isPlain, textProblem } from './words.ts'

/** As a shell takes it: `export NAME=…`. */
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/

/** Names that Node, Vitest or this library read themselves: with another value they would not work as before. */
const RESERVED =
  /^(PATH|HOME|TMPDIR|NODE_ENV|NODE_OPTIONS|XDG_CACHE_HOME|XDG_RUNTIME_DIR|DBUS_SESSION_BUS_ADDRESS|VITEST|VITEST_.*)$/

/** Checks what a service's `variables` returns, and gives the values as text. What is undefined is left out. */
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
      `it has a variable ${shown(name)}, which is not a valid name for a variable`,
      'Use letters, digits and _, and do not begin with a digit.',
    )
  }
  if (RESERVED.test(name)) {
    refuse(
      `it has a variable ${name}, which Node, Vitest or vitest-cluster read themselves`,
      'Choose another name by variables: (handle) => ({ … }) in the service.',
    )
  }
}

function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  if (typeof value === 'boolean' || Number.isFinite(value)) return String(value)
  return undefined
}
