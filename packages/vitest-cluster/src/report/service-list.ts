import type { Resources, ServiceReport } from '../observe/report-data.ts'
import { printable } from '../printable.ts'
import { bytes } from '../units.ts'
import { type Html, html } from './html.ts'
import type { Report, ReportTest } from './report.ts'
import { stateWords } from './states.ts'
import { block } from './tails.ts'
import { duration } from './units.ts'
import { counted } from './words.ts'

/** Each service with its state, ports, resources, tests, unit and log. Pure. */
export function serviceList(report: Report): Html {
  return html`${report.record.services.map((service) => {
    const { name, kind, state, end } = service
    const users = report.tests.filter(({ uses }) => uses.includes(name))
    return html`<details class="service" id="service-${name}">
<summary><b>${name}</b> <span class="state ${end?.onPurpose ? 'stopped' : state}">${stateWords(report, service)}</span>
<span class="facts">${[...(kind === name ? [] : [`kind ${kind}`]), portsOf(service), usersWords(users)].join('; ')}</span></summary>
<dl>
${entry('systemd unit', service.unit)}${entry('starts after', service.dependsOn.join(', ') || 'no other service')}
${entry('listens on', portsOf(service))}
${service.restarts > 0 ? entry('restarted by systemd', service.restarts === 1 ? 'once' : `${service.restarts} times`) : ''}
${usage(service.resources)}
</dl>
${
  users.length > 0
    ? html`<details><summary>Used by ${counted(users.length, 'test')}</summary><ul>${users.map((user) => html`<li>${user.name} <span class="state ${user.state}">${user.state}</span></li>`)}</ul></details>`
    : ''
}
${
  service.unitFile
    ? html`<details><summary>Unit file</summary>${block(service.unitFile, `Unit file of ${name}`)}</details>`
    : html`<p class="note">systemd has unloaded the unit.</p>`
}
${logOf(service)}
</details>`
  })}`
}

/** The end of a log, folded. Pure. */
export function logOf({ name, log }: Pick<ServiceReport, 'name' | 'log'>): Html {
  const text = printable(log.text)
  const lines = text.split('\n')
  const count = lines.at(-1) === '' ? lines.length - 1 : lines.length
  if (count === 0) return html`<p class="note">${name} wrote nothing.</p>`
  const part =
    log.omitted > 0
      ? `the last ${counted(count, 'line')}, after ${bytes(log.omitted)} not shown`
      : counted(count, 'line')
  return html`<details><summary>Log: ${part}</summary>
${block(text, `Log of ${name}`)}</details>`
}

function usersWords(users: readonly ReportTest[]): string {
  const failed = users.filter(({ state }) => state === 'failed').length
  const words = users.length > 0 ? `used by ${counted(users.length, 'test')}` : 'used by no test'
  return failed > 0 ? `${words}, ${failed} of which failed` : words
}

function portsOf({ address, ports }: ServiceReport): string {
  const all = Object.entries(ports).map(([name, number]) => `${name} ${address}:${number}`)
  return all.join(', ') || 'no port'
}

function usage({ cpu, memoryPeak, read, written }: Resources): Html {
  const size = (count: number | undefined) =>
    count === undefined ? 'not measured on this machine' : bytes(count)
  // The control group of a service is removed after its last process
  if (cpu === undefined) return html``
  return html`${entry('processor time', duration(cpu))}
${entry('peak memory', size(memoryPeak))}${entry('read from disk', size(read))}${entry('written to disk', size(written))}`
}

function entry(name: string, value: string): Html {
  return html`<div><dt>${name}</dt><dd>${value}</dd></div>`
}
