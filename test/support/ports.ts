import { parseSockets } from '../../packages/vitest-cluster/src/ports/sockets.ts'
import { entries, link, text } from './proc.ts'

/** The ports and addresses that a process holds for its sessions. */
export interface Ports {
  /** Inodes of the abstract sockets that are the locks. */
  readonly locks: readonly string[]
  /** The number that each locks; NaN for a network, or a number on one address. */
  readonly numbers: readonly number[]
}

/** The locks that a process holds now. */
export function portsOf(pid: number): Ports {
  const links = new Set(entries(`/proc/${pid}/fd`).map((fd) => link(`/proc/${pid}/fd/${fd}`)))
  const own = allLocks().filter(({ inode }) => links.has(`socket:[${inode}]`))
  return { locks: own.map(({ inode }) => inode), numbers: own.map(({ port }) => port) }
}

/** The ports that are locked or listened on, as readable lines. */
export function portsInUse({ locks, numbers }: Ports): string[] {
  const held = allLocks().filter(({ inode }) => locks.includes(inode))
  const sockets = parseSockets(text('/proc/net/tcp') + text('/proc/net/tcp6'))
  const listening = new Set(
    sockets.filter(({ state }) => state === 'listening').map(({ port }) => port),
  )
  return [
    ...held.map(({ name }) => `lock of ${name.replace('/', ' ')}`),
    ...numbers.filter((port) => listening.has(port)).map((port) => `listener on port ${port}`),
  ]
}

function allLocks(): { inode: string; name: string; port: number }[] {
  const lines = text('/proc/net/unix').matchAll(
    /(\d+) @vitest-cluster\/((?:port|network)\/(.+))$/gm,
  )
  return [...lines].map(([, inode = '', name = '', port]) => ({ inode, name, port: Number(port) }))
}
