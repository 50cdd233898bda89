import { readFile } from 'node:fs/promises'

/** The first and the last port that the kernel gives to outgoing connections (ip(7), ip_local_port_range). */
export async function ephemeralPorts(): Promise<readonly [first: number, last: number]> {
  const [first = 32_768, last = 60_999] = await numbersIn('ip_local_port_range')
  return [first, last]
}

/**
 * The lowest port that services may listen on (ip(7), ip_unprivileged_port_start). They run in user namespaces, also
 * those of root's sessions, so none has CAP_NET_BIND_SERVICE in the network of the host.
 */
export async function lowestPort(): Promise<number> {
  const [lowest = 1024] = await numbersIn('ip_unprivileged_port_start')
  return lowest
}

async function numbersIn(name: string): Promise<number[]> {
  const text = await readFile(`/proc/sys/net/ipv4/${name}`, 'utf8').catch(() => '')
  return text.trim().split(/\s+/).filter(Boolean).map(Number)
}
