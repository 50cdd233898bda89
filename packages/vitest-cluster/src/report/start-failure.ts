import type { ClusterErrorDetails } from '../errors.ts'
import type { LogEnd } from '../logs/end.ts'
import { wallTime, zoneWords } from './clock.ts'
import { type Html, html } from './html.ts'
import { frame, section } from './page.ts'
import { logOf } from './service-list.ts'
import { Tails } from './tails.ts'
import { counted } from './words.ts'

/** The data of the page for a cluster that did not start. */
export interface StartFailure {
  readonly project: string
  /** The time zone that the page's times are in: `Europe/Berlin`. */
  readonly zone: string
  /** The file of the definition. */
  readonly config: string
  /** Milliseconds since 1970. */
  readonly failed: number
  readonly error: ClusterErrorDetails
  /** The ends of the logs, by service. */
  readonly logs: Readonly<Record<string, LogEnd>>
}

/** A cluster that did not start as one HTML file, like the page of a session. Pure. */
export function renderStartFailure(given: StartFailure): string {
  const { project, config, failed, zone, error, logs } = given
  const { service } = error
  const count = Object.keys(logs).length
  return frame({
    title: `${project}: the cluster did not start${service ? `: ${service}` : ''}`,
    isBad: true,
    about: html`<p class="soft">The start failed at ${wallTime(failed, zone)}. The time is ${zoneWords(failed, zone)}.<br>
Definition: ${config}</p>`,
    sections: [
      section('failures', 'No test has run', why(error)),
      section('logs', counted(count, 'log'), html`${Object.entries(logs).map(logNamed)}`),
    ],
  })
}

function why({
  service,
  code,
  message,
  at,
  paths = [],
  unit,
  log = [],
  fix,
}: ClusterErrorDetails): Html {
  return html`<article class="failure cause"><h3>${service ? `${service}: ` : ''}${message}</h3>
<p class="note">${[code, ...(at ? [`${at.file}:${at.line}:${at.column}`] : []), ...(unit ? [unit] : [])].join(', ')}</p>
${paths.length > 0 ? html`<ul>${paths.map((path) => html`<li>${path}</li>`)}</ul>` : ''}
${log.length > 0 ? new Tails().print(log, `The last lines${service ? ` of ${service}` : ''}`) : ''}
${fix ? html`<p>${fix}</p>` : ''}</article>`
}

function logNamed([name, log]: [string, LogEnd]): Html {
  return html`<h3>${name}</h3>${logOf({ name, log })}`
}
