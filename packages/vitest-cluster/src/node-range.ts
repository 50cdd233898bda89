/**
 * Whether a version of Node is in a range of package.json's `engines`: `^` and `>=`, joined by `||`. A range in another
 * syntax includes every version: it is better to fail later than to refuse a Node that works.
 */
export function inRange(version: string, range: string): boolean {
  return range.split('||').some((part) => {
    const [, operator, text = ''] = /^\s*(\^|>=)\s*(\d+(?:\.\d+){0,2})\s*$/.exec(part) ?? []
    if (operator === undefined) return true
    const [least, given] = [numbers(text), numbers(version)]
    if (operator === '^' && given[0] !== least[0]) return false
    return compare(given, least) >= 0
  })
}

/** `v22.12.0-nightly` -> 22, 12, 0 */
function numbers(version: string): number[] {
  const [release = ''] = version.replace(/^v/, '').split(/[-+]/)
  return release.split('.').map(Number)
}

function compare(a: readonly number[], b: readonly number[]): number {
  for (const index of [0, 1, 2]) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}
