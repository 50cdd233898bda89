import { lstat, readFile } from 'node:fs/promises'

/** Who uses an entry: a link by that name to that target. */
export interface Use {
  readonly name: string
  readonly target: string
}

let used = 0

/**
 * One use by this process, which may have several of one entry. Told from those of a later process of the same number
 * by when this one began (proc_pid_stat(5), field 22).
 */
export async function ownUse(): Promise<Use> {
  const target = (await startTime(process.pid)) ?? ''
  return { name: `process-${process.pid}-${used++}`, target }
}

/** A session, which uses a tree until its directory is gone. */
export function sessionUse(id: string, directory: string): Use {
  return { name: `session-${id}`, target: directory }
}

/** Whether who uses an entry still is there. */
export async function isAlive({ name, target }: Use): Promise<boolean> {
  const pid = /^process-(\d+)-\d+$/.exec(name)?.[1]
  if (pid) return (await startTime(Number(pid))) === target
  return lstat(target).then(
    () => true,
    () => false,
  )
}

async function startTime(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined)
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
}
