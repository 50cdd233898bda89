import { Html, html } from './html.ts'
import type { Report } from './report.ts'
import { SCRIPT } from './script.ts'
import { serviceList } from './service-list.ts'
import { startChart } from './start-chart.ts'
import { STYLE } from './style.ts'
import { testChart } from './test-chart.ts'
import { failures, testList } from './test-list.ts'
import { duration } from './units.ts'

/** A session as one HTML file: it loads nothing, and needs neither a server nor its script to be read. Pure. */
export function renderPage(report: Report): string {
  const { record, tests } = report
  const failed = tests.filter(({ state }) => state === 'failed').length
  const title = `Session ${record.id}`
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<title>${failed ? `${failed} failed: ` : ''}${title} of vitest-cluster</title>
<style>${new Html(STYLE)}</style>
</head>
<body>
<a class="skip" href="#main">To the content</a>
<header>
<h1>${title}</h1>
${verdict(report, failed)}
<p class="soft">${record.config ?? 'a definition in a program'}<br>
opened ${new Date(record.opened).toISOString()} in ${duration(openedIn(report))}, recorded ${duration((record.recorded - record.opened) * 1000)} later</p>
<nav aria-label="Sections"><ul>
${failed ? html`<li><a href="#failures">Failures</a></li>` : ''}
<li><a href="#start">Start-up</a></li><li><a href="#use">Use</a></li><li><a href="#services">Services</a></li><li><a href="#tests">Tests</a></li>
</ul></nav>
</header>
<main id="main">
${failures(report)}
<section id="start" aria-labelledby="h-start"><h2 id="h-start">Start-up</h2>${startChart(report)}</section>
<section id="use" aria-labelledby="h-use"><h2 id="h-use">Which tests used what, and when</h2>${testChart(report)}</section>
<section id="services" aria-labelledby="h-services"><h2 id="h-services">${record.services.length} services</h2>${serviceList(report)}</section>
<section id="tests" aria-labelledby="h-tests"><h2 id="h-tests">${tests.length} tests</h2>${testList(report)}</section>
</main>
<script>${new Html(SCRIPT)}</script>
</body>
</html>
`.text
}

function verdict({ tests, record }: Report, failed: number): Html {
  const down = record.services.filter(({ state }) => state !== 'active').map(({ name }) => name)
  const words = failed
    ? `${failed} of ${tests.length} tests failed`
    : `${tests.length} tests, none failed`
  const also = down.length ? `; down: ${down.join(', ')}` : ''
  return html`<p class="verdict ${failed || down.length ? 'failed' : 'passed'}">${words}${also}</p>`
}

function openedIn({ record: { begun, phases } }: Report): number {
  return Math.max(begun, ...phases.map(({ end }) => end)) - begun
}
