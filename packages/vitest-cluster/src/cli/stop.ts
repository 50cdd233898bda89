import { ClusterError } from '../errors.ts'
import { Manager } from '../systemd/manager.ts'
import type { Run } from './command.ts'
import { tell } from './output.ts'
import { servicesOf } from './services.ts'
import { target } from './target.ts'

export const run: Run = async (invocation) => {
  const session = await target(invocation)
  const names = servicesOf(session, invocation.words)
  const { units, address } = session.about.info
  const manager = await Manager.connect(address)
  try {
    for (const name of names) {
      const unit = units[name]?.unit ?? ''
      const result = await manager.stop(unit)
      if (result !== 'done') throw notStopped(name, unit, result)
      tell(`${name} is stopped`)
    }
  } finally {
    manager.disconnect()
  }
  return 0
}

function notStopped(service: string, unit: string, result: string): ClusterError {
  const mend = `npx vitest-cluster logs ${service}`
  const message = `was not stopped: its job ended with '${result}'`
  return new ClusterError({ code: 'STOP_TIMEOUT', service, unit, message, mend })
}
