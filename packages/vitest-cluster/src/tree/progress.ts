/** What happens while a tree is made, for people. `progress` and `waiting` come often. */
export interface TreeEvent {
  /** The step: `debian trixie`. */
  readonly step: string
  readonly kind: 'begin' | 'progress' | 'waiting' | 'note' | 'made' | 'cached'
  readonly message: string
}

export type TreeProgress = (event: TreeEvent) => void

/** A number of milliseconds in words. */
export function duration(milliseconds: number): string {
  if (milliseconds < 1_000) return `${Math.round(milliseconds)} ms`
  const seconds = milliseconds / 1_000
  return seconds < 60
    ? `${seconds.toFixed(1)} s`
    : `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`
}

/** A number of bytes in words. */
export function bytes(count: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  let value = count
  let unit = 0
  while (value >= 1_000 && unit < units.length - 1) {
    value /= 1_000
    unit++
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`
}
