import { readdir, readFile, readlink } from 'node:fs/promises'

/**
 * Whether one of the processes holds the socket that listens on the port of 127.0.0.1 (proc(5),
 * /proc/net/tcp and /proc/PID/fd). The caller must own the processes, or their user namespaces.
 */
export async function listensOn(port: number, pids: readonly number[]): Promise<boolean> {
  const inodes = listeningInodes(await readFile('/proc/net/tcp', 'utf8'), port)
  const held = await Promise.all(pids.map(socketInodes))
  return held.flat().some((inode) => inodes.includes(inode))
}

/** The pure part: inodes of the sockets in state LISTEN (0A) on a port. */
export function listeningInodes(table: string, port: number): string[] {
  const hex = port.toString(16).toUpperCase().padStart(4, '0')
  return table
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, address, , state]) => state === '0A' && address?.endsWith(`:${hex}`))
    .flatMap((fields) => fields[9] ?? [])
}

async function socketInodes(pid: number): Promise<string[]> {
  const descriptors = await readdir(`/proc/${pid}/fd`).catch(() => [])
  const links = await Promise.all(
    descriptors.map((fd) => readlink(`/proc/${pid}/fd/${fd}`).catch(() => '')),
  )
  return links.flatMap((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? [])
}
