import { readFileSync } from 'node:fs'

/** Whether this process may configure a network that it makes (capabilities(7), CAP_NET_ADMIN has the number 12). */
export function hasNetAdmin(): boolean {
  const [, mask = '0'] = /^CapEff:\s+(\w+)$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? []
  return ((BigInt(`0x${mask}`) >> 12n) & 1n) === 1n
}
