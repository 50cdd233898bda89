import { readdirSync, readFileSync } from 'node:fs'

/** Sends a signal to a service's processes, and to no other of their kind: they are in the unit's control group. */
export function signal({ unit }: { readonly unit: string }, name: NodeJS.Signals): void {
  for (const pid of readdirSync('/proc')) {
    if (/^\d+$/.test(pid) && groupOf(pid).includes(`/${unit}`)) process.kill(Number(pid), name)
  }
}

function groupOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cgroup`, 'utf8')
  } catch {
    // it has ended since
    return ''
  }
}
