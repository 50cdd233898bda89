import type { SessionPlan } from '../plan/session-plan.ts'
import type { Manager } from '../systemd/manager.ts'
import type { Invocation } from './command.ts'
import { tell } from './output.ts'
import { servicesOf } from './services.ts'
import { target, withManager } from './target.ts'

type Change = (plan: SessionPlan, name: string, manager: Manager) => Promise<string[]>

/** Changes the services that the command line names, one after the other, and prints what became of each. */
export async function changeServices(
  invocation: Invocation,
  change: Change,
  result: string,
): Promise<number> {
  const session = await target(invocation)
  const names = servicesOf(session, invocation.words)
  const { plan } = session.record
  await withManager(session.record, async (manager) => {
    for (const name of names)
      for (const each of await change(plan, name, manager)) tell(`${each} ${result}`)
  })
  return 0
}
