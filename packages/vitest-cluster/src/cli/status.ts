import { type ServiceStatus, serviceStatus } from '../observe/status.ts'
import { readWindows } from '../observe/test-windows.ts'
import type { LiveSession } from '../session/find.ts'
import { warningText } from '../session/record.ts'
import { duration } from '../units.ts'
import type { Run } from './command.ts'
import { columns, print, printJson, styled } from './output.ts'
import { target } from './target.ts'

/** The exit code of systemctl(1) for a unit that is not running. */
const DOWN = 3

export const run: Run = async (invocation) => {
  const session = await target(invocation)
  const services = await serviceStatus(session.record)
  const tests = readWindows(session.directory).filter(({ end }) => end === undefined).length
  if (invocation.options['json']) {
    const { purpose, config, owner, opened, until, warnings } = session.record
    const { id, directory } = session
    printJson({
      session: id,
      directory,
      purpose,
      config,
      owner: owner.pid,
      opened,
      until,
      warnings,
      services,
    })
  } else {
    print(headline(session, tests), '', ...columns([HEAD, ...services.map(row)]))
    for (const warning of session.record.warnings) print('', warningText(warning))
  }
  return services.every(({ state }) => state === 'active') ? 0 : DOWN
}

const HEAD = ['SERVICE', 'KIND', 'STATE', 'SINCE', 'PID', 'PORTS', 'UNIT']

function headline({ id, record }: LiveSession, tests: number): string {
  const { purpose, config, owner, until } = record
  const expiry = until === undefined ? '' : `, ends in ${duration(until - Date.now())}`
  const busy = tests > 0 ? `, ${tests} test${tests > 1 ? 's' : ''} running` : ''
  return `session ${id} (${purpose}, process ${owner.pid}${expiry}${busy}) of ${config ?? 'a definition without a file'}`
}

function row({
  service,
  kind,
  state,
  subState,
  restarts,
  since,
  pid,
  address,
  ports,
  ended,
  unit,
}: ServiceStatus): string[] {
  const up = state === 'active'
  const at = address === '127.0.0.1' ? '' : `${address}:`
  const sub = ['exited', 'auto-restart'].includes(subState) ? ` (${subState})` : ''
  const times = restarts > 0 ? `, ${restarts} restart${restarts > 1 ? 's' : ''}` : ''
  const numbers = Object.entries(ports).map(([name, number]) => `${name}=${at}${number}`)
  return [
    service,
    kind,
    styled(up ? 'green' : 'red', `${state}${sub}${times}`),
    since === undefined ? (ended ?? '-') : `${duration(Date.now() - since)} ago`,
    `${pid ?? '-'}`,
    numbers.join(' ') || '-',
    unit,
  ]
}
