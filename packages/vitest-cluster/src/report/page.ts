import { Clock, zoneWords } from './clock.ts'
import { failures } from './failures.ts'
import { Html, html } from './html.ts'
import type { Report } from './report.ts'
import { resultOf } from './result.ts'
import { SCRIPT } from './script.ts'
import { serviceList } from './service-list.ts'
import { startChart } from './start-chart.ts'
import { STYLE } from './style.ts'
import { testChart } from './test-chart.ts'
import { testList } from './test-list.ts'
import { duration } from './units.ts'
import { counted } from './words.ts'

/** A session as one HTML file. It loads nothing and needs no server, and its content is complete without the script. Pure. */
export function renderPage(report: Report): string {
  const { project, record, tests } = report
  const { words, isBad } = resultOf(report)
  const failed = failures(report)
  return frame({
    title: `${project}: ${words}`,
    isBad,
    about: facts(report),
    sections: [
      ...(failed.text ? [{ id: 'failures', name: 'Failures', html: failed }] : []),
      section('services', counted(record.services.length, 'service'), serviceList(report)),
      section('tests', counted(tests.length, 'test'), testList(report)),
      section('use', 'When tests used each service', testChart(report)),
      section('start', 'How the services started', startChart(report)),
    ],
  })
}

export interface Section {
  readonly id: string
  /** The section's name in the list of sections. */
  readonly name: string
  readonly html: Html
}

/** A section with its heading. Pure. */
export function section(id: string, title: string, content: Html): Section {
  const body = html`<section id="${id}" aria-labelledby="h-${id}"><h2 id="h-${id}">${title}</h2>${content}</section>`
  return { id, name: title, html: body }
}

/** A page from its sections. Pure. */
export function frame(page: {
  readonly title: string
  readonly isBad: boolean
  readonly about: Html
  readonly sections: readonly Section[]
}): string {
  const { title, isBad, about, sections } = page
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<title>${title}</title>
<style>${new Html(STYLE)}</style>
</head>
<body>
<a class="skip" href="#main">To the content</a>
<header>
<h1 class="${isBad ? 'failed' : 'passed'}">${title}</h1>
${about}
<nav aria-label="Sections"><ul>
${sections.map(({ id, name }) => html`<li><a href="#${id}">${name}</a></li>`)}
</ul></nav>
</header>
<main id="main">
${sections.map((each) => each.html)}
</main>
<script>${new Html(SCRIPT)}</script>
</body>
</html>
`.text
}

function facts({ record, zone }: Report): Html {
  const clock = new Clock(record, zone)
  const { begun, phases, now, recorded, id, config } = record
  const opened = Math.max(begun, ...phases.map(({ end }) => end))
  return html`<p class="soft">The cluster was started at ${clock.moment(begun)} and was ready ${duration(opened - begun)} later. This page shows it at ${clock.time(now)}. All times are ${zoneWords(recorded, zone)}.<br>
Session ${id}${config ? html` of ${config}` : ''}</p>`
}
