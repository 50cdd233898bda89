import { type Html, html } from './html.ts'
import type { Report, ReportTest } from './report.ts'
import { duration } from './units.ts'
import { counted } from './words.ts'

/** All tests, to be filtered. Pure. */
export function testList({ tests, record }: Report): Html {
  if (tests.length === 0) return html`<p>No test has run.</p>`
  const began = Math.min(...tests.map(({ begin }) => begin ?? record.now))
  return html`<form class="filter" hidden><label for="filter">Show tests with</label>
<input id="filter" type="search" autocomplete="off" placeholder="a name, a service, failed">
<output id="shown" for="filter">${counted(tests.length, 'test')}</output></form>
<div class="scroll" tabindex="0" role="region" aria-label="Tests"><table id="all-tests">
<thead><tr><th scope="col">test</th><th scope="col">result</th><th scope="col">started after</th><th scope="col">took</th><th scope="col">used services</th></tr></thead>
<tbody>${tests.map((test) => testRow(test, began))}</tbody></table></div>
<p class="note">“Started after” counts from the first test.</p>`
}

function testRow({ name, state, begin, end, uses }: ReportTest, began: number): Html {
  const at = begin === undefined ? '–' : duration(begin - began)
  const took = begin === undefined || end === undefined ? '–' : duration(end - begin)
  return html`<tr><th scope="row">${name}</th><td><span class="state ${state}">${state}</span></td><td>${at}</td><td>${took}</td><td>${uses.join(', ') || '–'}</td></tr>
`
}
