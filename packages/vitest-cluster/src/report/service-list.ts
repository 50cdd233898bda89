import type { Resources, ServiceReport } from '../observe/report-data.ts'
import { bytes } from '../units.ts'
import { type Html, html } from './html.ts'
import type { Report } from './report.ts'
import { block } from './test-list.ts'
import { duration } from './units.ts'

/** Each service: ports, what it used of the machine, its tests, its unit, its log. Pure. */
export function serviceList({ record, tests }: Report): Html {
  return html`${record.services.map((service) => {
    const users = tests.filter(({ uses }) => uses.includes(service.name))
    const failed = users.filter(({ state }) => state === 'failed')
    return html`<details class="service" id="service-${service.name}">
<summary><b>${service.name}</b> <span class="state ${service.state}">${service.state}</span>
<span class="facts">${service.kind}, ${summary(service, users.length, failed.length)}</span></summary>
<dl>
${entry('unit', service.unit)}${entry('starts after', service.dependsOn.join(', ') || 'nothing')}
${entry('ports', portsOf(service))}${service.ended ? entry('ended', service.ended) : ''}
${usage(service.resources)}
</dl>
${
  users.length
    ? html`<details><summary>Used by ${users.length} tests</summary><ul>${users.map(({ name, state }) => html`<li>${name} <span class="state ${state}">${state}</span></li>`)}</ul></details>`
    : ''
}
${
  service.unitFile
    ? html`<details><summary>Unit</summary>${block(service.unitFile, `Unit of ${service.name}`)}</details>`
    : html`<p class="note">systemd has forgotten the unit.</p>`
}
<details><summary>Log, ${service.log.text.split('\n').length - 1} lines${service.log.omitted ? ` (${bytes(service.log.omitted)} before them left out)` : ''}</summary>
${service.log.text ? block(service.log.text, `Log of ${service.name}`) : html`<p class="note">It wrote nothing.</p>`}</details>
</details>`
  })}`
}

function summary(service: ServiceReport, users: number, failed: number): string {
  const { cpu } = service.resources
  return [
    portsOf(service),
    ...(cpu === undefined ? [] : [`${duration(cpu)} CPU`]),
    `${users} tests${failed ? `, ${failed} failed` : ''}`,
  ].join(', ')
}

function portsOf({ ports }: ServiceReport): string {
  const all = Object.entries(ports).map(([name, number]) => `${name} ${number}`)
  return all.join(', ') || 'no ports'
}

function usage({ cpu, memoryPeak, read, written }: Resources): Html {
  const size = (count: number | undefined) =>
    count === undefined ? 'not accounted for on this machine' : bytes(count)
  return html`${entry('processor time', cpu === undefined ? 'unknown, it is not up' : duration(cpu))}
${entry('peak memory', size(memoryPeak))}${entry('read from disk', size(read))}${entry('written to disk', size(written))}`
}

function entry(name: string, value: string): Html {
  return html`<div><dt>${name}</dt><dd>${value}</dd></div>`
}
