import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readdir, rm, rmdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { promisify } from 'node:util'
import { libexec } from '../libexec.ts'

/**
 * Ends what is left of a session whose keeper did not, and removes its directory. By remove-session.sh; where not even
 * that can run, because there are no more processes, by this process, which needs none. Never rejects: what is left
 * then is swept by the next session.
 */
export async function removeSession(directory: string, cgroup: string | undefined): Promise<void> {
  // At once and whole, and before anything is started: its processes may be those that are too many (cgroups(7))
  if (cgroup) await writeFile(join(cgroup, 'cgroup.kill'), '1').catch(() => {})
  const script = [libexec('remove-session.sh'), directory, cgroup ?? '-', '5']
  await run('sh', script).catch(() => {})
  if (existsSync(directory)) await rm(directory, { recursive: true, force: true }).catch(() => {})
  // bounded, as in end-cgroup.sh: the kernel tells nobody when the last process has been reaped and the group can go
  for (let tries = 0; cgroup && existsSync(cgroup) && tries < TRIES; tries++) {
    await removeGroup(cgroup).catch(() => wait(PAUSE))
  }
}

const TRIES = 200
/** Milliseconds. */
const PAUSE = 10

const run = promisify(execFile)

/** A control group goes when those below it have gone; its files are the kernel's. */
async function removeGroup(directory: string): Promise<void> {
  const entries = await readdir(directory, { withFileTypes: true }).catch(() => [])
  for (const entry of entries)
    if (entry.isDirectory()) await removeGroup(join(directory, entry.name))
  await rmdir(directory)
}
