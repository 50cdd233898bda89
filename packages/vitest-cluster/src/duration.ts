const UNITS = { s: 1, m: 60, h: 3600, d: 86_400 } as const

/** Seconds of `90s`, `30m`, `2h` or `30d`; undefined for anything else. Pure. */
export function parseDuration(text: string): number | undefined {
  const [, number, unit] = /^(\d+(?:\.\d+)?)([smhd])$/.exec(text) ?? []
  if (!number || !unit) return undefined
  const seconds = Number(number) * UNITS[unit as keyof typeof UNITS]
  return seconds > 0 ? seconds : undefined
}

/** `30 min`, `1 h 5 min`, `12 s`. Pure. */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds))
  if (whole < 120) return `${whole} s`
  const minutes = Math.round(whole / 60)
  if (minutes < 120) return `${minutes} min`
  return minutes % 60 ? `${Math.floor(minutes / 60)} h ${minutes % 60} min` : `${minutes / 60} h`
}
