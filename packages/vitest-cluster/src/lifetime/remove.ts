import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { readdir, rm, rmdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { libexec } from '../libexec.ts'
import { startChild } from '../shortage/child.ts'
import { wait } from '../timers.ts'

/**
 * Ends a session whose keeper did not, and removes its directory. Uses remove-session.sh or, if no process can be started,
 * only this process. Never rejects: the next session removes what is left.
 */
export async function removeSession(directory: string, cgroup: string | undefined): Promise<void> {
  // First, because the session's own processes may use up the limit of processes (cgroups(7)). watch-lease.sh is
  // spared: it continues if this process is killed before the script has begun
  const groups = cgroup ? ['manager', 'waiting'].map((name) => join(cgroup, name)) : []
  for (const group of groups) await writeFile(join(group, 'cgroup.kill'), '1').catch(() => {})
  await run([libexec('remove-session.sh'), directory, cgroup ?? '-', '5']).catch(() => {})
  if (existsSync(directory)) await rm(directory, { recursive: true, force: true }).catch(() => {})
  // Polls, as end-cgroup.sh does: the kernel does not report when a group can be removed
  for (let tries = 0; cgroup && existsSync(cgroup) && tries < TRIES; tries++) {
    await removeGroup(cgroup).catch(() => wait(PAUSE))
  }
}

const TRIES = 200
/** Milliseconds. */
const PAUSE = 10

/** Runs a script in a new process session, so that a signal to this process group does not end it. */
async function run(script: readonly string[]): Promise<void> {
  const child = await startChild('sh', script, { detached: true, stdio: 'ignore' })
  await once(child, 'exit')
}

/** Removes a control group and those below it. Its files belong to the kernel and are not removed. */
async function removeGroup(directory: string): Promise<void> {
  const entries = await readdir(directory, { withFileTypes: true }).catch(() => [])
  for (const entry of entries)
    if (entry.isDirectory()) await removeGroup(join(directory, entry.name))
  await rmdir(directory)
}
