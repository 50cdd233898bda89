import { axis } from './axis.ts'
import { type Html, html } from './html.ts'
import type { Report, ReportTest } from './report.ts'

/** Which tests used each service and when: a lane for each, failures in it. Pure. */
export function testChart({ record, tests }: Report): Html {
  const ran = tests.filter(
    (test): test is ReportTest & { begin: number } => test.begin !== undefined,
  )
  if (ran.length === 0) return html`<p>No test has run.</p>`
  const start = Math.min(...ran.map(({ begin }) => begin))
  const end = Math.max(...ran.map((test) => test.end ?? test.begin))
  const length = Math.max(1, end - start)
  const lanes = record.services.map(({ name }) => {
    const users = ran.filter(({ uses }) => uses.includes(name))
    const failed = users.filter(({ state }) => state === 'failed')
    const passed = users.filter(({ state }) => state !== 'failed')
    const count = `${users.length}${failed.length ? `, ${failed.length} failed` : ''}`
    return html`<div class="row"><div class="label" title="${name}">${name}</div>
<div class="track"><svg viewBox="0 0 1000 1" preserveAspectRatio="none"><path class="passed" d="${blocks(passed, start, length)}"/><path class="failed" d="${blocks(failed, start, length)}"/></svg></div><div class="count">${count}</div></div>`
  })
  return html`<div class="chart lanes" aria-hidden="true">
${axis(length, html`<div class="count">tests</div>`)}${lanes}</div>
<p class="legend" aria-hidden="true"><i class="passed"></i>a test that used the service <i class="failed"></i>one that failed</p>`
}

/** One path for all tests of a lane: a page with 1,000 tests and 100 services has 200 of them, not 100,000. */
function blocks(
  tests: readonly (ReportTest & { begin: number })[],
  start: number,
  length: number,
): string {
  return tests
    .map(({ begin, end = begin }) => {
      const x = ((begin - start) / length) * 1000
      // At least wide enough to be visible in a window of 400 px
      const width = Math.max(3, ((end - begin) / length) * 1000)
      return `M${Math.min(x, 1000 - width).toFixed(1)} 0h${width.toFixed(1)}v1h-${width.toFixed(1)}z`
    })
    .join('')
}
