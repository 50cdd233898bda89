const UNITS = {
  1000: ['B', 'kB', 'MB', 'GB', 'TB'],
  1024: ['B', 'KiB', 'MiB', 'GiB', 'TiB'],
} as const

const SECONDS = { s: 1, m: 60, h: 3600, d: 86_400 } as const

/** A number of milliseconds in words: `340 µs`, `12 ms`, `1.4 s`, `3 min 20 s`, `2 h 5 min`. Nothing below zero. Pure. */
export function duration(milliseconds: number): string {
  const time = Math.max(0, milliseconds)
  if (time > 0 && time < 1) return `${Math.round(time * 1_000)} µs`
  if (time < 999.5) return `${Math.round(time)} ms`
  if (time < 59_950) return `${Number((time / 1_000).toFixed(1))} s`
  const seconds = Math.round(time / 1_000)
  if (seconds < 3_600) return both(`${Math.floor(seconds / 60)} min`, seconds % 60, 's')
  const minutes = Math.round(seconds / 60)
  return both(`${Math.floor(minutes / 60)} h`, minutes % 60, 'min')
}

/** A number of bytes in words: `12.3 kB`, `304 MB`. Pure. @param base 1024 for limits of memory, which are round in it */
export function bytes(count: number, base: 1000 | 1024 = 1000): string {
  const units = UNITS[base]
  let [value, unit] = [count, 0]
  for (; value >= base && unit < units.length - 1; unit++) value /= base
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`
}

function both(large: string, small: number, unit: string): string {
  return small > 0 ? `${large} ${small} ${unit}` : large
}

/** Seconds of `90s`, `30m`, `2h` or `30d`; undefined for anything else. Pure. */
export function parseDuration(text: string): number | undefined {
  const [, number, unit] = /^(\d+(?:\.\d+)?)([smhd])$/.exec(text) ?? []
  if (!number || !unit) return undefined
  const seconds = Number(number) * SECONDS[unit as keyof typeof SECONDS]
  return seconds > 0 ? seconds : undefined
}
