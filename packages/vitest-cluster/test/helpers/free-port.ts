import { reserveNumber } from '../../src/ports/reserve.ts'

const given = new Set<number>()

/** A port that is free now, and below those that sessions choose. Each call of a process returns another one. */
export async function freePort(): Promise<number> {
  for (;;) {
    const number = 2_000 + Math.floor(Math.random() * 8_000)
    const port = given.has(number) ? undefined : await reserveNumber(number)
    port?.release()
    given.add(number)
    if (port) return number
  }
}
