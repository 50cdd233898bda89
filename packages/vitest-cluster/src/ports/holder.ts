import { readdir, readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { LOOPBACK, lockName } from './reserve.ts'
import { accepts, type Socket, socketInodes, socketsOf } from './sockets.ts'

/** A process that has a port, or the lock of one. */
export interface Holder {
  readonly pid: number
  /** The name of its program. */
  readonly name: string
  /** Its control groups, whose names show the session that it belongs to. */
  readonly cgroup: string
}

/** A socket on a port, and its process if this process may see it. */
export interface PortUse {
  readonly socket: Socket
  readonly holder: Holder | undefined
}

/** What uses a port of an address, of `127.0.0.1` on any address: a listening socket, else a connection, else one that has ended; undefined if nothing does. */
export async function portUse(number: number, address: string): Promise<PortUse | undefined> {
  const { tcp } = await socketsOf(undefined)
  const sockets = tcp.filter(
    (each) => each.port === number && (address === LOOPBACK || accepts(each, address)),
  )
  const socket =
    sockets.find(({ state }) => state === 'listening') ??
    sockets.find(({ state }) => state !== 'ended') ??
    sockets[0]
  return socket && { socket, holder: await holderOf(socket.inode) }
}

/** The process that has the lock of a port (reserve.ts), `hidden` if this process may not see it; undefined if none has. */
export async function lockHolder(
  number: number,
  address: string,
): Promise<Holder | 'hidden' | undefined> {
  const table = await readFile('/proc/net/unix', 'utf8').catch(() => '')
  const row = table.split('\n').find((line) => line.endsWith(` @${lockName(number, address)}`))
  if (!row) return undefined
  return (await holderOf(row.trim().split(/\s+/)[6])) ?? 'hidden'
}

async function holderOf(inode: string | undefined): Promise<Holder | undefined> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number)
  for (const pid of pids) {
    if (!inode || !(await socketInodes(pid)).includes(inode)) continue
    const read = (file: string) => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '')
    const [words, cgroup] = await Promise.all([read('cmdline'), read('cgroup')])
    // Not `comm`, which of Node is MainThread. Daemons write titles: `sshd: /usr/sbin/sshd -D [listener]`
    const [title = ''] = (words.split('\0')[0] ?? '').split(':')
    return { pid, name: basename(title), cgroup }
  }
  return undefined
}
