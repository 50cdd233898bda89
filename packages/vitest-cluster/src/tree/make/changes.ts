import { readable } from '../../disk/names.ts'
import type { Inputs, Step } from '../build/step.ts'
import type { Entry } from '../cache/entry.ts'

/** How many changed inputs are named. */
const NAMED = 3

/**
 * Says why a step has to be made: which inputs differ from those of the earlier one that is most like it. Pure.
 * @param below the tree that it is made on
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
  // Nothing in common but the kind, and less than it does not: another tree's
  const alien =
    entry.below !== below?.key ? shared < differing.length : shared <= 0 && kind !== 'files'
  if (entry.title !== title && alien) return 'no earlier one'
  const named = differing.slice(0, NAMED).map(readable)
  if (differing.length > NAMED) named.push(`${differing.length - NAMED} more`)
  const why = [
    ...(named.length > 0 ? [`changed: ${named.join(', ')}`] : []),
    ...(entry.below !== below?.key ? ['what is below it changed'] : []),
  ]
  return why.length > 0 ? why.join('; ') : 'it is no longer in the cache'
}

function differences(before: Inputs, now: Inputs): string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(now)])
  return [...names].filter((name) => before[name] !== now[name]).sort()
}
