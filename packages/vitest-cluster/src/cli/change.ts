import type { SessionPlan } from '../plan/session-plan.ts'
import type { Manager } from '../systemd/manager.ts'
import type { Invocation } from './command.ts'
import { tell } from './output.ts'
import { servicesOf } from './services.ts'
import { target, withManager } from './target.ts'

type Change = (plan: SessionPlan, name: string, manager: Manager) => Promise<string[]>

/**
 * Changes the services that the command line names, one after the other, and prints what became of each.
 * @param options.dependentsFirst each service before those that it requires, and not in the order of the command line
 */
export async function changeServices(
  invocation: Invocation,
  change: Change,
  result: string,
  { dependentsFirst = false } = {},
): Promise<number> {
  const session = await target(invocation)
  const named = servicesOf(session, invocation.words)
  const { plan } = session.record
  const names = dependentsFirst
    ? Object.keys(plan.services)
        .filter((name) => named.includes(name))
        .reverse()
    : named
  await withManager(session.record, async (manager) => {
    for (const name of names)
      for (const each of await change(plan, name, manager)) tell(`${each} ${result}`)
  })
  return 0
}
