import type { SessionReport } from '../observe/report-data.ts'
import type { Microseconds } from '../timers.ts'

/** Converts the times of one session to local time. Pure. */
export class Clock {
  readonly #record: SessionReport
  readonly #zone: string

  /** @param zone IANA name of a time zone, such as `Europe/Berlin` */
  constructor(record: SessionReport, zone: string) {
    this.#record = record
    this.#zone = zone
  }

  /** The day and the time: `2026-11-28 14:03:12`. */
  moment(at: Microseconds): string {
    const { recorded, now } = this.#record
    return wallTime(recorded - (now - at) / 1_000, this.#zone)
  }

  /** The time alone: `14:03:12`. */
  time(at: Microseconds): string {
    return this.moment(at).slice(-8)
  }
}

/** Milliseconds since 1970 as the day and the time: `2026-11-28 14:03:12`. Pure. */
export function wallTime(at: number, zone: string): string {
  // The Swedish format is that of ISO 8601
  return new Date(at).toLocaleString('sv', { timeZone: zone })
}

/** A time zone with its offset at that time: `Europe/Berlin (GMT+1)`. Pure. @param at milliseconds since 1970 */
export function zoneWords(at: number, zone: string): string {
  const format = new Intl.DateTimeFormat('en', { timeZone: zone, timeZoneName: 'shortOffset' })
  const offset = format.formatToParts(new Date(at)).find(({ type }) => type === 'timeZoneName')
  return zone === 'UTC' ? zone : `${zone} (${offset?.value})`
}
