const LONGEST = 64

/** The name that is most similar to a misspelt one; undefined if none is similar. */
export function nearest(word: string, names: readonly string[]): string | undefined {
  if (word.length > LONGEST) return undefined
  const near = names.map((name) => ({ name, edits: edits(word.toLowerCase(), name.toLowerCase()) }))
  const [first] = near
    .filter(({ name, edits }) => edits <= Math.max(word.length, name.length) / 3)
    .sort((one, other) => one.edits - other.edits)
  return first?.name
}

/** The fix for an unknown service: the most similar name, and all names. */
export function suggestService(word: string, names: readonly string[]): string {
  const near = nearest(word, names)
  return `${near ? `Did you mean ${near}? ` : ''}Services of this cluster: ${names.join(', ')}.`
}

/**
 * The number of letters to change, add, remove or swap with the next; 1 if one word begins with the other, or has the
 * same letters in another order.
 */
function edits(one: string, other: string): number {
  const [short = '', long = ''] = [one, other].sort((a, b) => a.length - b.length)
  if (short.length > 2 && (long.startsWith(short) || sorted(short) === sorted(long))) return 1
  let above: number[] = []
  let row = Array.from({ length: other.length + 1 }, (_, index) => index)
  for (let i = 1; i <= one.length; i++) {
    const next = [i]
    for (let j = 1; j <= other.length; j++) {
      const same = one[i - 1] === other[j - 1]
      const swapped = i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1]
      next[j] = Math.min(
        (row[j] ?? 0) + 1,
        (next[j - 1] ?? 0) + 1,
        (row[j - 1] ?? 0) + (same ? 0 : 1),
        swapped ? (above[j - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY,
      )
    }
    above = row
    row = next
  }
  return row[other.length] ?? 0
}

function sorted(word: string): string {
  return [...word].sort().join('')
}
