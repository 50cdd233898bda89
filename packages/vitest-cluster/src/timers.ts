import * as timers from 'node:timers'
import * as promised from 'node:timers/promises'

// Saved when the library is loaded: a test may replace the global timers and those of Node's modules
// (vi.useFakeTimers()), but the library waits for real services.
export const { setTimeout, clearTimeout, setInterval, clearInterval } = timers
export const { setTimeout: wait } = promised

const { bigint: nanoseconds } = process.hrtime

/** The time of CLOCK_MONOTONIC (clock_gettime(2)). */
export function milliseconds(): number {
  return Number(nanoseconds() / 1000n) / 1000
}

/** Times are microseconds of CLOCK_MONOTONIC (clock_gettime(2)): the same in all processes, and in systemd's timestamps. */
export type Microseconds = number

export function monotonic(): Microseconds {
  return Math.round(milliseconds() * 1000)
}
