import type { Outcome } from './attempt.ts'
import { hung } from './kills.ts'
import { PHASES } from './target/phase.ts'

const HEAD = [
  'victim',
  'signal',
  'phase',
  'tries',
  'in Vitest',
  'left',
  'hung',
  'wrong end',
  'longest end, s',
]

/** The tries by victim, signal and phase, as a table in Markdown. */
export function table(outcomes: readonly Outcome[]): string {
  const groups = new Map<string, Outcome[]>()
  for (const outcome of outcomes) {
    const { victim, signal, phase } = outcome.try
    const key = [victim, signal, phase].join('|')
    groups.set(key, [...(groups.get(key) ?? []), outcome])
  }
  const place = (key: string) => PHASES.findIndex((phase) => key.endsWith(phase))
  const sorted = [...groups].sort(([a], [b]) => order(a, b) || place(a) - place(b))
  const rows = [
    ...sorted.map(([key, some]) => row(key.split('|'), some)),
    row(['all', '', ''], outcomes),
  ]
  return [HEAD, HEAD.map((_, index) => (index < 3 ? '---' : '--:')), ...rows]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n')
}

const order = (a: string, b: string) =>
  withoutPhase(a) < withoutPhase(b) ? -1 : Number(withoutPhase(a) > withoutPhase(b))

const withoutPhase = (key: string) => key.slice(0, key.lastIndexOf('|'))

function row(names: readonly string[], outcomes: readonly Outcome[]): string[] {
  const count = (is: (outcome: Outcome) => boolean) => `${outcomes.filter(is).length}`
  return [
    ...names,
    `${outcomes.length}`,
    count((outcome) => outcome.try.host === 'vitest'),
    count((outcome) => outcome.left.length > 0),
    count(hung),
    count((outcome) => outcome.wrong !== undefined),
    (Math.max(0, ...outcomes.map(({ took }) => took)) / 1000).toFixed(2),
  ]
}

/** The number of tries by the kind of things that they left. */
export function kindsLeft(outcomes: readonly Outcome[]): string {
  const kinds = new Map<string, number>()
  for (const { left } of outcomes)
    for (const kind of new Set(left.map((line) => line.match(/^(\w+|\/dev\/shm)/)?.[0] ?? line)))
      kinds.set(kind, (kinds.get(kind) ?? 0) + 1)
  return [...kinds].map(([kind, tries]) => `${kind} ${tries}`).join(', ') || 'nothing'
}
