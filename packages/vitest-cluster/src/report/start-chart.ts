import { axis, percent } from './axis.ts'
import { criticalPath, waitedFor } from './chain.ts'
import { type Html, html } from './html.ts'
import type { Report } from './report.ts'
import { duration } from './units.ts'

/** One bar, with what came before it. Times are microseconds since the session began to open. */
interface Row {
  readonly name: string
  readonly kind: 'phase' | 'service'
  readonly queued: number
  readonly begin: number
  readonly end: number
  readonly critical: boolean
  readonly waited?: string | undefined
}

/** How the session started: the library's phases, then the services with lines from what they waited for. Pure. */
export function startChart({ record }: Report): Html {
  const { begun, times } = record
  const critical = new Set(criticalPath(times).map(({ service }) => service))
  const phases: Row[] = record.phases.map(({ name, begin, end }) => {
    const from = begin - begun
    return { name, kind: 'phase', queued: from, begin: from, end: end - begun, critical: false }
  })
  const services: Row[] = times
    .toSorted((a, b) => a.begun - b.begun || a.ready - b.ready)
    .map((service) => ({
      name: service.service,
      kind: 'service',
      queued: (service.queued ?? service.begun) - begun,
      begin: service.begun - begun,
      end: service.ready - begun,
      critical: critical.has(service.service),
      waited: waitedFor(service, times)?.service,
    }))
  const rows = [...phases, ...services]
  if (rows.length === 0) return html`<p>No times are known: no service is up.</p>`
  const length = Math.max(1, ...rows.map(({ end }) => end))
  return html`
<div class="chart" style="--rows:${rows.length}" aria-hidden="true">
  ${axis(length)}
  ${rows.map((row) => bar(row, length))}
  <svg class="links" viewBox="0 0 1000 ${rows.length}" preserveAspectRatio="none">${links(rows, length)}</svg>
</div>
<p class="legend" aria-hidden="true"><i class="wait"></i>waits for others <i class="start"></i>starts
  <i class="start critical"></i>critical chain <i class="own"></i>the library itself</p>
<details><summary>The same as a table</summary>${startTable(rows)}</details>`
}

function bar({ name, kind, queued, begin, end, critical }: Row, length: number): Html {
  const span = (type: string, from: number, to: number) =>
    html`<i class="${type}" style="left:${percent(from, length)};width:${percent(to - from, length)}"></i>`
  const type = kind === 'phase' ? 'own' : critical ? 'start critical' : 'start'
  return html`<div class="row"><div class="label" title="${name}">${name}</div><div class="track">${
    begin > queued ? span('wait', queued, begin) : ''
  }${span(type, begin, end)}</div></div>`
}

/** From the end of each service's bar to the begin of the bar of one that waited for it. */
function links(rows: readonly Row[], length: number): Html[] {
  const x = (time: number) => ((time / length) * 1000).toFixed(1)
  return rows.flatMap((row, to) => {
    const from = rows.findIndex(({ name, kind }) => kind === 'service' && name === row.waited)
    const dependency = rows[from]
    if (!dependency) return []
    const type = row.critical && dependency.critical ? 'critical' : ''
    const path = `M${x(dependency.end)} ${from + 0.5}V${to + 0.5}H${x(row.begin)}`
    return [html`<path class="${type}" d="${path}"/>`]
  })
}

function startTable(rows: readonly Row[]): Html {
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Start-up times"><table>
<thead><tr><th scope="col">what</th><th scope="col">queued</th><th scope="col">begun</th><th scope="col">ready</th><th scope="col">took</th><th scope="col">waited for</th></tr></thead>
<tbody>${rows.map(
    ({ name, queued, begin, end, waited, kind }) => html`
<tr><th scope="row">${name}${kind === 'phase' ? ' (library)' : ''}</th><td>${duration(queued)}</td><td>${duration(begin)}</td><td>${duration(end)}</td><td>${duration(end - begin)}</td><td>${waited ?? '–'}</td></tr>`,
  )}</tbody></table></div>`
}
