import { axis, percent } from './axis.ts'
import { criticalPath, waitedFor } from './chain.ts'
import { type Html, html } from './html.ts'
import { phaseChart } from './phases.ts'
import type { Report } from './report.ts'
import { duration } from './units.ts'
import { counted } from './words.ts'

/** A service's bar, with the wait before it. Times are microseconds since the first service was queued. */
interface Row {
  readonly name: string
  readonly queued: number
  readonly begin: number
  readonly end: number
  readonly critical: boolean
  readonly waited?: string | undefined
}

/** How the services started, with lines from the services that they waited for; then the library's own phases. Pure. */
export function startChart({ record }: Report): Html {
  const { times, phases, begun } = record
  if (times.length === 0) return html`<p>No service is running, so no start times are known.</p>`
  const first = Math.min(...times.map((each) => each.queued ?? each.begun))
  const chain = criticalPath(times).map(({ service }) => service)
  const rows = times
    .toSorted((a, b) => a.begun - b.begun || a.ready - b.ready)
    .map(
      (service): Row => ({
        name: service.service,
        queued: (service.queued ?? service.begun) - first,
        begin: service.begun - first,
        end: service.ready - first,
        critical: chain.includes(service.service),
        waited: waitedFor(service, times)?.service,
      }),
    )
  const length = Math.max(1, ...rows.map(({ end }) => end))
  const down = record.services.length - rows.length
  const opened = Math.max(begun, ...phases.map(({ end }) => end))
  // The times of a restarted service are those of the restart
  const isRestarted = first + length > opened
  return html`
<p>${isRestarted ? 'A service was restarted: its times are those of the restart.' : html`The first service was started ${duration(first - begun)} after vitest-cluster began; all services were ready ${duration(length)} after that.`}
${chain.length > 1 ? html`The slowest chain: ${chain.toReversed().join(' → ')}.` : ''}
${down > 0 ? html`Not shown: ${counted(down, 'service')} not running now.` : ''}</p>
<div class="chart" style="--rows:${rows.length}" aria-hidden="true">
  ${axis(length)}
  ${rows.map((row) => bar(row, length))}
  <svg class="links" viewBox="0 0 1000 ${rows.length}" preserveAspectRatio="none">${links(rows, length)}</svg>
</div>
<p class="legend" aria-hidden="true"><i class="wait"></i>waits for the services that it depends on <i class="start"></i>starts
  <i class="start critical"></i>starts, on the slowest chain</p>
<details><summary>The same as a table</summary>${startTable(rows)}</details>
${phaseChart(record)}`
}

function bar({ name, queued, begin, end, critical }: Row, length: number): Html {
  const span = (type: string, from: number, to: number) =>
    html`<i class="${type}" style="left:${percent(from, length)};width:${percent(to - from, length)}"></i>`
  return html`<div class="row"><div class="label" title="${name}">${name}</div><div class="track">${
    begin > queued ? span('wait', queued, begin) : ''
  }${span(critical ? 'start critical' : 'start', begin, end)}</div></div>`
}

/** Lines from the end of each bar to the start of the bars that waited for it. */
function links(rows: readonly Row[], length: number): Html[] {
  const x = (time: number) => ((time / length) * 1000).toFixed(1)
  return rows.flatMap((row, to) => {
    const from = rows.findIndex(({ name }) => name === row.waited)
    const dependency = rows[from]
    if (!dependency) return []
    const type = row.critical && dependency.critical ? 'critical' : ''
    const path = `M${x(dependency.end)} ${from + 0.5}V${to + 0.5}H${x(row.begin)}`
    return [html`<path class="${type}" d="${path}"/>`]
  })
}

function startTable(rows: readonly Row[]): Html {
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Start times"><table>
<thead><tr><th scope="col">service</th><th scope="col">queued after</th><th scope="col">started after</th><th scope="col">ready after</th><th scope="col">took</th><th scope="col">waited for</th></tr></thead>
<tbody>${rows.map(
    ({ name, queued, begin, end, waited }) => html`
<tr><th scope="row">${name}</th><td>${duration(queued)}</td><td>${duration(begin)}</td><td>${duration(end)}</td><td>${duration(end - begin)}</td><td>${waited ?? '–'}</td></tr>`,
  )}</tbody></table></div>`
}
