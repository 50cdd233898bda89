import type { SessionPlan } from '../plan/session-plan.ts'
import { abandoned, hasDatagrams, queued } from '../ports/queues.ts'
import { socketsOf } from '../ports/sockets.ts'
import { unitGroup } from '../session/processes.ts'
import { reachManager } from '../session/reach.ts'
import { processesIn } from '../systemd/cgroup.ts'
import { isFrozen, stoppedOf } from './halted.ts'

/** Requests of clients that a service has not answered: a sign that the service hangs. */
export interface Unanswered {
  readonly service: string
  /** Connections that it has not accepted. */
  readonly connections: number
  /** Bytes that clients sent and that the service has not read. */
  readonly bytes: number
  /** Of its processes, those that are stopped (proc(5), states T and t): by a signal or a debugger. */
  readonly stopped: readonly number[]
  /** Whether its control group is frozen (`systemctl freeze`). */
  readonly frozen?: boolean
  /** Whether the service has datagrams to read. */
  readonly datagrams?: boolean
  /** Connections that the client has closed, and that the service has not closed though it has read everything. */
  readonly abandoned?: number
  /** Bytes that clients in the test's process sent and that were not answered. */
  readonly unreplied?: number
}

/**
 * The services that have not answered, by the kernel's queues: a healthy service reads at once what it is sent.
 */
export async function unanswered(
  plan: SessionPlan,
  services: Iterable<string>,
): Promise<Unanswered[]> {
  const manager = await reachManager(plan).catch(() => undefined)
  try {
    const all = await Promise.all(
      [...services].map(async (service) => {
        const unit = plan.services[service]?.unit.name ?? ''
        const group =
          manager && (await unitGroup(manager, plan.manager.cgroup, unit).catch(() => undefined))
        return { service, ...(await stateOf(plan, service, group)) }
      }),
    )
    return all.filter(
      ({ connections, bytes, stopped, frozen, abandoned, datagrams }) =>
        connections + bytes + stopped.length + abandoned > 0 || frozen || datagrams,
    )
  } finally {
    manager?.disconnect()
  }
}

async function stateOf(plan: SessionPlan, service: string, group: string | undefined) {
  const ports = Object.values(plan.services[service]?.ports ?? {})
  const pids = group ? await processesIn(group) : []
  const [{ tcp, udp }, stopped, frozen] = await Promise.all([
    socketsOf(pids[0]),
    stoppedOf(pids),
    isFrozen(group),
  ])
  const rest = { abandoned: abandoned(tcp, ports), datagrams: hasDatagrams(udp, ports) }
  return { ...queued(tcp, ports), ...rest, stopped, frozen }
}

/** In words. Pure. */
export function unansweredWords(hang: Unanswered): string {
  const { connections, bytes, stopped, frozen, abandoned = 0, unreplied = 0, datagrams } = hang
  // The service cannot answer or close what it has not yet read
  const untaken = connections + bytes > 0
  const facts = [
    ...(connections ? [`${count(connections, 'connection')} not accepted`] : []),
    ...(bytes ? [`${bytes} bytes sent to it and not read`] : []),
    ...(datagrams ? ['datagrams sent to it and not read'] : []),
    ...(unreplied && !untaken
      ? [`${unreplied} bytes sent to it by this test and not answered`]
      : []),
    ...(abandoned && !untaken
      ? [`${count(abandoned, 'connection')} closed by the client and not by the service`]
      : []),
  ]
  // A healthy service may keep a connection open that no client uses
  const open = !untaken && !datagrams && !unreplied && abandoned > 0
  const doubt = open ? 'or keeps unused connections open' : 'or is overloaded'
  return [
    ...(facts.length > 0 ? [facts.join(', ')] : []),
    halted(stopped, frozen) ?? `the service hangs, ${doubt}`,
  ].join(': ')
}

function halted(stopped: readonly number[], frozen: boolean | undefined): string | undefined {
  if (frozen) return 'its unit is frozen (by systemctl freeze; systemctl thaw resumes it)'
  if (stopped.length === 0) return undefined
  const processes = stopped.length > 1 ? 'processes' : 'process'
  const are = stopped.length > 1 ? 'are' : 'is'
  return `its ${processes} ${stopped.join(', ')} ${are} stopped (a signal such as SIGSTOP, or a debugger)`
}

function count(number: number, what: string): string {
  return `${number} ${what}${number > 1 ? 's' : ''}`
}
