import * as timers from 'node:timers'
import * as promised from 'node:timers/promises'

// Taken when the library is loaded: a test may replace the global ones, and those of Node's modules (vi.useFakeTimers()),
// and the time of the library is that of its services.
export const { setTimeout, clearTimeout, setInterval, clearInterval } = timers
export const { setTimeout: wait } = promised

const { bigint: nanoseconds } = process.hrtime

/** The time of CLOCK_MONOTONIC (clock_gettime(2)). */
export function milliseconds(): number {
  return Number(nanoseconds() / 1000n) / 1000
}
