/** Microseconds as a person reads them: `340 µs`, `12 ms`, `1.4 s`, `3 min 20 s`. Pure. */
export function duration(microseconds: number): string {
  if (microseconds < 1_000) return `${Math.round(microseconds)} µs`
  if (microseconds < 1_000_000) return `${Math.round(microseconds / 1_000)} ms`
  const seconds = microseconds / 1_000_000
  if (seconds < 60) return `${seconds.toFixed(seconds < 10 ? 2 : 1)} s`
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`
}

/** Bytes as a person reads them, in powers of 1024. Pure. */
export function bytes(count: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB']
  const power = Math.min(units.length - 1, Math.floor(Math.log2(Math.max(1, count)) / 10))
  const value = count / 1024 ** power
  return `${value.toFixed(power && value < 10 ? 1 : 0)} ${units[power]}`
}

/** A round step, so that an axis of this length has four to eight marks. Pure. */
export function axisStep(length: number): number {
  const rough = Math.max(1, length / 6)
  const power = 10 ** Math.floor(Math.log10(rough))
  return power * ([1, 2, 5].find((factor) => factor * power >= rough) ?? 10)
}
