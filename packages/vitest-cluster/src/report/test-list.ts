import { type Html, html } from './html.ts'
import type { Report, ReportTest } from './report.ts'
import { duration } from './units.ts'

/** The failed tests, each with what services wrote while it ran. Pure. */
export function failures({ tests }: Report): Html {
  const failed = tests.filter(({ state }) => state === 'failed')
  if (failed.length === 0) return html``
  return html`<section id="failures" aria-labelledby="h-failures"><h2 id="h-failures">${failed.length} failed</h2>
${failed.map((test, i) => failure(test, i))}</section>`
}

function failure({ name, errors, logs, uses }: ReportTest, index: number): Html {
  return html`<article class="failure" id="failure-${index}"><h3>${name}</h3>
${errors.map((text) => block(text, `Error of ${name}`))}
${logs.map(
  ({
    service,
    lines,
    shared,
  }) => html`<details open><summary>${service} wrote ${lines.length} lines during this test</summary>
${shared.length ? html`<p class="note">Shared: lines may be of ${shared.join(', ')}, which used it at the same time.</p>` : ''}
${block(lines.join('\n'), `Log of ${service} during ${name}`)}</details>`,
)}
${logs.length === 0 ? html`<p class="note">No service wrote anything while it ran${uses.length ? `; it used ${uses.join(', ')}` : ''}.</p>` : ''}</article>`
}

/** All tests, to be filtered. Pure. */
export function testList({ tests, record }: Report): Html {
  if (tests.length === 0) return html`<p>No test is known.</p>`
  const began = Math.min(...tests.map(({ begin }) => begin ?? record.begun))
  return html`<form class="filter" hidden><label for="filter">Show tests with</label>
<input id="filter" type="search" autocomplete="off" placeholder="a name, a service, failed">
<output id="shown" for="filter">${tests.length} tests</output></form>
<div class="scroll" tabindex="0" role="region" aria-label="Tests"><table id="all-tests">
<thead><tr><th scope="col">test</th><th scope="col">state</th><th scope="col">at</th><th scope="col">took</th><th scope="col">used</th></tr></thead>
<tbody>${tests.map((test) => testRow(test, began))}</tbody></table></div>`
}

function testRow({ name, state, begin, end, uses }: ReportTest, began: number): Html {
  const at = begin === undefined ? '–' : duration(begin - began)
  const took = begin === undefined || end === undefined ? '–' : duration(end - begin)
  return html`<tr><th scope="row">${name}</th><td><span class="state ${state}">${state}</span></td><td>${at}</td><td>${took}</td><td>${uses.join(', ') || '–'}</td></tr>
`
}

/** Text as it was written; it scrolls, so a keyboard has to reach it. */
export function block(text: string, label: string): Html {
  return html`<pre tabindex="0" role="group" aria-label="${label}">${text}</pre>`
}
