import { readdirSync, readFileSync } from 'node:fs'

/** Sends a signal to a service's processes, and not to others of the same program. */
export function signal(service: { readonly unit: string }, name: NodeJS.Signals): void {
  for (const pid of pidsOf(service)) {
    try {
      process.kill(pid, name)
    } catch (error) {
      // One process of a service may end another before its turn comes
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
    }
  }
}

/** The main process of a service. */
export function mainPidOf(service: { readonly unit: string }): number {
  const [main] = topmost([...pidsOf(service)])
  if (main === undefined) throw new Error(`${service.unit} has no process`)
  return main
}

/** The processes whose parent is not among them. These need not have the lowest numbers, since pids wrap. */
export function topmost(pids: readonly number[]): number[] {
  return pids.filter((pid) => !pids.includes(parentOf(pid)))
}

/**
 * The processes of a service: those in its unit's control group. They are read one by one, since a process that is to
 * be stopped may fork meanwhile.
 */
function* pidsOf({ unit }: { readonly unit: string }): Generator<number> {
  for (const pid of readdirSync('/proc'))
    if (/^\d+$/.test(pid) && read(pid, 'cgroup').includes(`/${unit}`)) yield Number(pid)
}

function parentOf(pid: number): number {
  return Number(/^PPid:\t(\d+)$/m.exec(read(`${pid}`, 'status'))?.[1])
}

function read(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8')
  } catch {
    // the process has ended since
    return ''
  }
}
