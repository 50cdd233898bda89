import { duration as inWords } from '../units.ts'

/** Microseconds, in which a record has its times, as a person reads them. Pure. */
export function duration(microseconds: number): string {
  return inWords(microseconds / 1_000)
}

/** A round step, so that an axis of this length has four to eight marks. Pure. */
export function axisStep(length: number): number {
  const rough = Math.max(1, length / 6)
  const power = 10 ** Math.floor(Math.log10(rough))
  return power * ([1, 2, 5].find((factor) => factor * power >= rough) ?? 10)
}
