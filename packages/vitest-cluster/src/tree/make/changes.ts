import { readable } from '../../disk/names.ts'
import type { Inputs, Step } from '../build/step.ts'
import type { Entry } from '../cache/entry.ts'

/** The most changed inputs that are listed. */
const NAMED = 3

/**
 * Why a step has to be built: the inputs that differ from those of the most similar earlier one. Pure.
 * @param below the tree that the step is built on
 */
export function changes(
  { kind, title }: Pick<Step, 'kind' | 'title'>,
  inputs: Inputs,
  below: Pick<Entry, 'key'> | undefined,
  entries: readonly Pick<Entry, 'kind' | 'title' | 'below' | 'inputs' | 'made'>[],
): string {
  const alike = entries.filter((entry) => entry.kind === kind)
  const best = alike
    .map((entry) => ({ entry, differing: differences(entry.inputs, inputs) }))
    .sort(
      (a, b) =>
        Number(b.entry.title === title) - Number(a.entry.title === title) ||
        Number(b.entry.below === below?.key) - Number(a.entry.below === below?.key) ||
        a.differing.length - b.differing.length ||
        b.entry.made - a.entry.made,
    )[0]
  if (!best) return 'no earlier one'
  const { entry, differing } = best
  const shared = Object.keys(inputs).length - differing.length
  // Another title, and hardly any inputs in common: the earlier step belongs to another tree
  const isUnrelated =
    entry.below !== below?.key ? shared < differing.length : shared <= 0 && kind !== 'files'
  if (entry.title !== title && isUnrelated) return 'no earlier one'
  const named = differing.slice(0, NAMED).map(readable)
  if (differing.length > NAMED) named.push(`${differing.length - NAMED} more`)
  const why = [
    ...(named.length > 0 ? [`changed: ${named.join(', ')}`] : []),
    ...(entry.below !== below?.key ? ['a lower step changed'] : []),
  ]
  return why.length > 0 ? why.join('; ') : 'no longer in the cache'
}

function differences(before: Inputs, now: Inputs): string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(now)])
  return [...names].filter((name) => before[name] !== now[name]).sort()
}
