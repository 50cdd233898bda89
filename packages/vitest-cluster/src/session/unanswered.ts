import { readFile } from 'node:fs/promises'
import type { SessionInfo } from './info.ts'
import { unitProcesses } from './processes.ts'

/** What clients of a service wait for: the sign of one that hangs. */
export interface Unanswered {
  readonly service: string
  /** Connections that it has not accepted. */
  readonly connections: number
  /** Bytes that clients sent and it has not read. */
  readonly bytes: number
  /** Of its processes, those that are stopped (proc(5), state T): by a signal or a debugger. */
  readonly stopped: readonly number[]
}

/**
 * The services of which the kernel holds what they have not taken: a service that is well takes it at once.
 * Where all have, which is nearly always, it costs the reading of one file.
 */
export async function unanswered(
  info: SessionInfo,
  services: Iterable<string>,
): Promise<Unanswered[]> {
  const table = await readFile('/proc/net/tcp', 'utf8')
  const found = [...services].flatMap((service) => {
    const ports = Object.values(info.facts.services[service]?.ports ?? {})
    const { connections, bytes } = queued(table, ports)
    return connections > 0 || bytes > 0 ? [{ service, connections, bytes }] : []
  })
  if (found.length === 0) return []
  // Loaded when there is something to ask: see client.ts
  const { Manager } = await import('../systemd/manager.ts')
  const manager = await Manager.connect(info.address)
  try {
    return await Promise.all(
      found.map(async (each) => {
        const pids = await unitProcesses(manager, info, info.units[each.service]?.unit ?? '').catch(
          () => [],
        )
        const states = await Promise.all(pids.map(stateOf))
        return { ...each, stopped: pids.filter((_, i) => states[i] === 'T') }
      }),
    )
  } finally {
    manager.disconnect()
  }
}

/** What stands in the receive queues of the sockets with these local ports (proc(5), /proc/net/tcp). Pure. */
export function queued(
  table: string,
  ports: readonly number[],
): { readonly connections: number; readonly bytes: number } {
  const sum = { connections: 0, bytes: 0 }
  for (const line of table.split('\n').slice(1)) {
    const [, local = '', , state, queues = ''] = line.trim().split(/\s+/)
    if (!ports.includes(Number.parseInt(local.split(':')[1] ?? '', 16))) continue
    const waiting = Number.parseInt(queues.split(':')[1] ?? '', 16) || 0
    if (state === '0A') sum.connections += waiting
    // 01: established; 08: the client has closed its side
    else if (state === '01' || state === '08') sum.bytes += waiting
  }
  return sum
}

async function stateOf(pid: number): Promise<string> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  return stat.slice(stat.lastIndexOf(')') + 2)[0] ?? ''
}

/** In words. Pure. */
export function unansweredWords({ connections, bytes, stopped }: Unanswered): string {
  const facts = [
    ...(connections ? [`${connections} connection${connections > 1 ? 's' : ''} not accepted`] : []),
    ...(bytes ? [`${bytes} bytes sent to it and not read`] : []),
  ]
  const why = stopped.length
    ? `its process ${stopped.join(', ')} is stopped (a signal such as SIGSTOP, or a debugger)`
    : 'it hangs, or has more to do than it can'
  return `${facts.join(', ')}: ${why}`
}
