import type { System } from '../machine/system.ts'
import { fixLines } from './fix.ts'
import type { Need, Precondition } from './precondition.ts'

/**
 * Renders preconditions as text: an aligned line for each, with its purpose and fix if it is not met, and a last line
 * that says whether a session can be opened.
 * @param system the result of {@link thisSystem}; by default the fixes of all distributions are printed
 */
export function renderDoctor(preconditions: readonly Precondition[], system: System = {}): string {
  const width = Math.max(0, ...preconditions.map(({ id }) => id.length))
  const lines = preconditions.flatMap((one) => [
    `${one.status.padEnd(8)}  ${one.id.padEnd(width)}  ${one.found}`,
    ...details(one, system),
  ])
  return `${[...lines, '', verdict(preconditions)].join('\n')}\n`
}

function details({ status, what, neededFor, fix }: Precondition, system: System): string[] {
  if (status !== 'missing' && status !== 'warning') return []
  const lines = fix ? fixLines(fix, system) : []
  return [what, `for: ${neededFor.join(', ')}`, ...lines.map((line) => `  ${line}`)].map(
    (line) => `            ${line}`,
  )
}

function verdict(preconditions: readonly Precondition[]): string {
  const missing = preconditions.filter(({ status }) => status === 'missing')
  const blocking = missing.filter(({ neededFor }) => neededFor.includes('session'))
  const ids = (list: readonly Precondition[]) => list.map(({ id }) => id).join(', ')
  const of = (need: Need) => blocking.filter(({ neededFor }) => neededFor.includes(need))
  const own = of('user manager')
  const other = of('private manager')
  if (own.length > 0 && other.length > 0)
    return `A session cannot be opened here. It needs a user manager (missing: ${ids(own)}) or a private manager (missing: ${ids(other)})`
  if (blocking.length > 0) return `A session cannot be opened here. Missing: ${ids(blocking)}`
  if (missing.length === 0) return 'Sessions can be opened here, and nothing else is missing.'
  return `Sessions can be opened here. Also missing: ${ids(missing)}`
}
