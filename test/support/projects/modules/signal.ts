import { readdirSync, readFileSync } from 'node:fs'

/** Sends a signal to a service's processes, and to no other of their kind. */
export function signal(service: { readonly unit: string }, name: NodeJS.Signals): void {
  for (const pid of pidsOf(service)) process.kill(pid, name)
}

/**
 * The processes of a service, those in its unit's control group, in order. Each is looked for when it is asked for: one
 * that is to be stopped goes on working meanwhile.
 */
export function* pidsOf({ unit }: { readonly unit: string }): Generator<number> {
  for (const pid of readdirSync('/proc'))
    if (/^\d+$/.test(pid) && groupOf(pid).includes(`/${unit}`)) yield Number(pid)
}

function groupOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cgroup`, 'utf8')
  } catch {
    // it has ended since
    return ''
  }
}
