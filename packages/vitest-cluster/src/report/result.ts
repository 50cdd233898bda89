import { causesOf } from './causes.ts'
import type { Report } from './report.ts'
import { counted, listed } from './words.ts'

/** How a run ended. */
export interface Result {
  /** `2 of 7 tests failed` */
  readonly words: string
  readonly isBad: boolean
}

/** The result of a session's tests, and what is wrong with its services, in one line. Pure. */
export function resultOf(report: Report): Result {
  const { tests, otherErrors } = report
  const failed = tests.filter(({ state }) => state === 'failed').length
  const faults = [
    ...(failed > 0 ? [`${failed} of ${counted(tests.length, 'test')} failed`] : []),
    ...(otherErrors.length > 0 ? [`${counted(otherErrors.length, 'error')} outside of tests`] : []),
  ]
  const { causes } = causesOf(report)
  const ended = causes.length > 0 ? `${listed(causes.map((each) => each.service.name))} ended` : ''
  if (faults.length > 0)
    return { words: [...faults, ended].filter(Boolean).join('; '), isBad: true }
  const fine = fineWords(report) ?? `${runningWords(report)}; no test has run`
  return ended ? { words: `${fine}, but ${ended}`, isBad: true } : { words: fine, isBad: false }
}

function runningWords({ record: { services } }: Report): string {
  const running = services.filter(({ end }) => end === undefined).length
  const all = counted(services.length, 'service')
  return running === services.length ? `${all} running` : `${running} of ${all} running`
}

function fineWords({ tests }: Report): string | undefined {
  const count = (wanted: string) => tests.filter(({ state }) => state === wanted).length
  const skipped = count('skipped')
  const others = skipped > 0 ? `, ${skipped} skipped` : ''
  // Of these tests only Vitest knows the results
  if (count('ran') + count('running') > 0)
    return `${counted(count('ran') + count('running'), 'test')} so far${others}`
  if (count('passed') > 0) return `${counted(count('passed'), 'test')} passed${others}`
  return skipped > 0 ? `${counted(skipped, 'test')} skipped` : undefined
}
