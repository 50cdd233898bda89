import { ClusterError, type ClusterErrorDetails } from '../errors.ts'
import { type Holder, lockHolder, portUse } from '../ports/holder.ts'
import { ephemeralPorts } from '../ports/range.ts'
import { LOOPBACK } from '../ports/reserve.ts'
import { isOnAll } from '../ports/sockets.ts'
import { type FoundSession, findSessions, openedBy } from '../session/find.ts'
import type { SessionRecord } from '../session/record.ts'

/** A port of an address, of `127.0.0.1` that of the whole machine. */
interface PortOfAddress {
  readonly number: number
  readonly address: string
}

/** Who has a port, and how to get it back. */
interface Owner {
  readonly who: string
  readonly fix: string
}

/** The error for a port below those that a service may listen on. @param name `SERVICE.PORT` */
export function privileged(name: string, number: number, lowest: number): ClusterError {
  return unavailableError(name, `${number}`, {
    who: `is below ${lowest}, and services have no privilege to listen there`,
    fix: `Name a port from ${lowest} on, or allow this one: sudo sysctl net.ipv4.ip_unprivileged_port_start=${number}`,
  })
}

/**
 * The error for a named port that is in use.
 * @param name `SERVICE.PORT`
 * @param failure the error of the service that could not listen on it
 */
export async function unavailable(
  name: string,
  port: PortOfAddress,
  failure?: ClusterError,
): Promise<ClusterError> {
  const sessions = await findSessions()
  const owner =
    (failure ? undefined : await lockedBy(port, sessions)) ??
    (await usedBy(port, sessions)) ??
    (failure && isOfHost(port) ? await usedElsewhere(port, sessions) : undefined)
  const { who, fix } = owner ?? FREED
  const problem = { who: `is in use: ${who}`, fix: `${fix}\nOr name another port.` }
  const place = isOfHost(port) ? `${port.number} on ${port.address}` : `${port.number}`
  return unavailableError(name, place, problem, failure)
}

const FREED: Owner = { who: 'something used it that has ended since', fix: 'Try again.' }

function isOfHost({ address }: PortOfAddress): boolean {
  return address !== LOOPBACK
}

function unavailableError(
  name: string,
  place: string,
  { who, fix }: Owner,
  failure?: ClusterError,
): ClusterError {
  const [service = '', port] = name.split('.')
  const message = `its port ${port} = ${place} ${who}`
  const details: ClusterErrorDetails = {
    ...failure?.details,
    code: 'PORT_UNAVAILABLE',
    service,
    message,
    fix,
  }
  return new ClusterError(details, { cause: failure })
}

/** The session that has locked the port. */
async function lockedBy(
  port: PortOfAddress,
  sessions: readonly FoundSession[],
): Promise<Owner | undefined> {
  const { number, address } = port
  const holder = await lockHolder(number, address)
  if (!holder) return undefined
  const all = sessions.flatMap(({ id, state, record }) =>
    record && state === 'up'
      ? Object.values(record.plan.services).map((service) => ({ id, record, service }))
      : [],
  )
  const withNumber = all.filter(({ service }) => Object.values(service.ports).includes(number))
  // The numbers that sessions choose are those of the whole machine on hosts, too
  const owner =
    withNumber.find(({ service }) => service.address === address) ??
    (isOfHost(port) ? undefined : withNumber[0])
  if (owner) {
    const { id, record, service } = owner
    return {
      who: `session ${id} has it for its service ${service.name} (${openedBy(record)})`,
      fix: howToEnd(record),
    }
  }
  return holder === 'hidden'
    ? { who: 'a session of another user has it', fix: `Find it: ${listeners(number)}` }
    : {
        who: `${shown(holder)} has it for a session that it opens or closes`,
        fix: 'Wait until that process has ended.',
      }
}

/** The process that listens on the port, or is connected from it. */
async function usedBy(
  port: PortOfAddress,
  sessions: readonly FoundSession[],
): Promise<Owner | undefined> {
  const { number, address } = port
  const use = await portUse(number, address)
  if (!use) return undefined
  const { socket, holder } = use
  if (socket.state === 'ended') {
    return {
      who: 'its last connections ended less than a minute ago (TIME_WAIT), and the service does not set SO_REUSEADDR',
      fix: 'Try again in a minute.',
    }
  }
  const process = holder ? shown(holder) : `a process of uid ${socket.uid}`
  if (socket.state !== 'listening') {
    const [first, last] = await ephemeralPorts()
    return {
      who: `${process} has a connection from it; ports from ${first} to ${last} are for outgoing connections`,
      fix: `Keep the port free: sudo sysctl net.ipv4.ip_local_reserved_ports=${number}`,
    }
  }
  const [, id] = /vitest-cluster-([0-9a-f]{8})\b/.exec(holder?.cgroup ?? '') ?? []
  const session = sessions.find((each) => each.id === id)
  if (session?.state === 'dead') {
    return {
      who: `${process} listens on it, of session ${session.id}, which has ended and is being removed`,
      fix: 'Try again in a few seconds.',
    }
  }
  const onAll = isOfHost(port) && isOnAll(socket)
  const stop = holder ? `Stop it: kill ${holder.pid}` : `Find it: ${listeners(number)}`
  const fix = session?.record ? howToEnd(session.record) : stop
  const other = 'Let that service listen on its own address only (context.address).'
  return {
    who: `${process} listens on it${onAll ? ' on all addresses' : ''}${id ? `, of session ${id}` : ''}`,
    fix: onAll && id ? `${other}\n${fix}` : fix,
  }
}

/** The process that has the port of another address, if a service of a host did not listen on its own one only. */
async function usedElsewhere(
  { number, address }: PortOfAddress,
  sessions: readonly FoundSession[],
): Promise<Owner | undefined> {
  const other = await usedBy({ number, address: LOOPBACK }, sessions)
  return (
    other && {
      who: `on another address, ${other.who}`,
      fix: `Let the service listen on its own address only: ${address} (context.address).`,
    }
  )
}

function howToEnd({ purpose, plan, owner, detached }: SessionRecord): string {
  const how =
    detached || purpose === 'up'
      ? `npx vitest-cluster down --session ${plan.id}`
      : `it ends with process ${owner.pid}`
  return `End that session: ${how}`
}

function shown({ pid, name }: Holder): string {
  return `process ${pid} (${name})`
}

function listeners(number: number): string {
  return `sudo ss -ltnp 'sport = :${number}'`
}
