import { lastLines } from '../logs/service-log.ts'
import type { TestLog } from '../observe/test-log.ts'
import { type Cause, causesOf } from './causes.ts'
import { type Html, html } from './html.ts'
import type { Report, ReportError, ReportTest } from './report.ts'
import { endWords } from './states.ts'
import { block, Tails } from './tails.ts'
import { counted, listed } from './words.ts'

/** The most lines of a service's log that are shown below one failed test: the last ones. */
const MOST_LINES = 500
/** A log with more lines than this is folded. */
const OPEN_LINES = 40

/** What went wrong: the services that ended first, each with the failures of tests that use it, then the other failures. Pure. */
export function failures(report: Report): Html {
  const { otherErrors } = report
  const { causes, others } = causesOf(report)
  const count = causes.flatMap((cause) => cause.failures).length + others.length
  if (count + causes.length + otherErrors.length === 0) return html``
  const tails = new Tails()
  const title = count > 0 ? `${counted(count, 'test')} failed` : 'What went wrong'
  return html`<section id="failures" aria-labelledby="h-failures"><h2 id="h-failures">${title}</h2>
${causes.map((cause) => causeOf(report, cause, tails))}
${otherErrors.map(
  ({ where, errors }) => html`<article class="failure"><h3>${where}</h3>
<p class="note">An error outside of tests.</p>
${errors.map((error) => errorOf(error, `Error of ${where}`, tails))}</article>`,
)}
${others.length > 0 && others.length < count ? html`<p>${apart(others.length)}</p>` : ''}
${others.map((test) => html`<article class="failure"><h3>${test.name}</h3>${failure(test, tails)}</article>`)}</section>`
}

function apart(count: number): string {
  return `${counted(count, 'test')} failed that used none of these services:`
}

function causeOf(report: Report, { service, failures }: Cause, tails: Tails): Html {
  const { name, end, log } = service
  const lines = end.noted?.log ?? lastLines(log.text)
  const { code, message, fix } = end.noted ?? {}
  return html`<article class="failure cause"><h3>${name} ${endWords(report, service)}</h3>
${code && code !== 'SERVICE_FAILED' ? html`<p>${name} ${message}</p>` : ''}
${lines.length > 0 ? tails.print(lines, `The last lines of ${name}`) : html`<p class="note">${name} wrote nothing.</p>`}
${fix && !end.onPurpose ? html`<p class="note">${fix}</p>` : ''}
<p><a href="#service-${name}">The unit and the whole log of ${name}</a></p>
${failures.length > 0 ? html`<p>${usersWords(failures, service)}</p>` : html`<p class="note">No failed test uses ${name}.</p>`}
${failures.map(
  (test) =>
    html`<details><summary>${brief(test, name)}</summary>${failure(test, tails, name)}</details>`,
)}</article>`
}

/** How many tests failed when a service ended, and how many after it. */
function usersWords(failures: readonly ReportTest[], { name, end }: Cause['service']): string {
  const { at = 0 } = end
  const later = failures.filter(({ begin = 0 }) => begin > at).length
  const then = failures.length - later
  const now = then === 1 ? 'That test failed' : `${then} tests that ran at that time failed`
  const after = `${counted(later, 'later failure')} ${later === 1 ? 'uses' : 'use'} ${name}`
  return `${[...(then > 0 ? [now] : []), ...(later > 0 ? [after] : [])].join('; ')}:`
}

/** A failure in one line. */
function brief({ name, errors: [error] }: ReportTest, service: string): string {
  const why = error?.service === service ? `${service} was down` : error?.text.split('\n')[0]
  return why ? `${name}: ${why}` : name
}

/** @param known a service whose end the page has shown already */
function failure(test: ReportTest, tails: Tails, known?: string): Html {
  const { name, errors, logs, notes, uses } = test
  return html`${errors.map((error) => errorOf(error, `Error of ${name}`, tails, known))}
${notes.map((note) => html`<p>${note}</p>`)}
<p class="note">${uses.length > 0 ? `Uses ${listed(uses, 10)}.` : 'Uses no service.'}${logs.length === 0 ? ' No service wrote anything while it ran.' : ''}</p>
${logs.map((log) => logOf(log, name, tails))}`
}

function errorOf(error: ReportError, label: string, tails: Tails, known?: string): Html {
  const { text, frames, service, lastLines: lines = [] } = error
  // The further lines repeat the service's unit and the fix
  const shown = service !== undefined && service === known ? (text.split('\n')[0] ?? '') : text
  const at = frames.map((frame) => `\n    at ${frame}`).join('')
  return html`${block(`${shown}${at}`, label)}
${lines.length > 0 ? tails.print(lines, `The last lines of ${service ?? 'the log'}`) : ''}`
}

function logOf({ service, lines, shared }: TestLog, test: string, tails: Tails): Html {
  const shown = lines.slice(-MOST_LINES)
  const part =
    shown.length < lines.length ? `The last ${counted(shown.length, 'line')}` : 'The lines'
  return html`<details${lines.length <= OPEN_LINES ? html` open` : ''}><summary>${service} wrote ${counted(lines.length, 'line')} during this test</summary>
${shared.length > 0 ? html`<p class="note">Some lines may belong to ${listed(shared)}, which used ${service} at the same time.</p>` : ''}
${tails.print(shown, `${part} of ${service} during ${test}`, shown.length < lines.length)}</details>`
}
