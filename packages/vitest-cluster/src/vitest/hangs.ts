import { type Unanswered, unanswered } from '../observe/unanswered.ts'
import type { SessionPlan } from '../plan/session-plan.ts'
import type { ClientSockets } from './client-sockets.ts'
import { isTimeOut } from './time-out.ts'

/** The services that probably did not answer a failed test. */
export async function hangs(
  plan: SessionPlan,
  concerned: ReadonlySet<string>,
  errors: readonly unknown[],
  sockets: ClientSockets,
): Promise<Unanswered[]> {
  const timedOut = errors.some((error) => isTimeOut(error))
  const all = Object.keys(plan.services)
  const seen = new Map((await unanswered(plan, all)).map((hang) => [hang.service, hang]))
  return all.flatMap((service) => {
    const ports = Object.values(plan.services[service]?.ports ?? {})
    const kernel: Unanswered | undefined = seen.get(service)
    const {
      connections = 0,
      bytes = 0,
      stopped = [],
      frozen = false,
      datagrams = false,
    } = kernel ?? {}
    // Only after a time-out: otherwise connections may be idle, or be closing
    const abandoned = timedOut ? (kernel?.abandoned ?? 0) : 0
    const unreplied = timedOut ? sockets.unreplied(ports) : 0
    // A test may use the address of a service without its handle: then only signs count that no other test can cause
    const certain = stopped.length > 0 || frozen || unreplied > 0
    const likely = concerned.has(service) && (connections + bytes + abandoned > 0 || datagrams)
    if (!certain && !likely) return []
    return [{ service, connections, bytes, stopped, frozen, datagrams, abandoned, unreplied }]
  })
}
