import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Of these processes, those that are stopped: by a signal (proc(5), state T) or a debugger (t). */
export async function stoppedOf(pids: readonly number[]): Promise<number[]> {
  const states = await Promise.all(pids.map(stateOf))
  return pids.filter((_, i) => states[i] === 'T' || states[i] === 't')
}

/** Whether a control group is frozen, as systemd freezes a unit (cgroups(7), cgroup.events). */
export async function isFrozen(group: string | undefined): Promise<boolean> {
  if (group === undefined) return false
  const events = await readFile(join(group, 'cgroup.events'), 'utf8').catch(() => '')
  return /^frozen 1$/m.test(events)
}

async function stateOf(pid: number): Promise<string> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  return stat.slice(stat.lastIndexOf(')') + 2)[0] ?? ''
}
