import { readdirSync, readFileSync } from 'node:fs'

/** Sends a signal to a service's processes, and to no other of their kind. */
export function signal(service: { readonly unit: string }, name: NodeJS.Signals): void {
  for (const pid of pidsOf(service)) process.kill(pid, name)
}

/** The processes of a service, those in its unit's control group, in order. */
export function pidsOf({ unit }: { readonly unit: string }): number[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  return pids.filter((pid) => groupOf(pid).includes(`/${unit}`)).map(Number)
}

function groupOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cgroup`, 'utf8')
  } catch {
    // it has ended since
    return ''
  }
}
