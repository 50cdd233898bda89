import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { readdir, rm, rmdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { libexec } from '../libexec.ts'
import { startChild } from '../shortage/child.ts'
import { wait } from '../timers.ts'

/**
 * Ends what is left of a session whose keeper did not, and removes its directory. By remove-session.sh; where not even
 * that can run, because there are no more processes, by this process, which needs none. Never rejects: what is left
 * then is swept by the next session.
 */
export async function removeSession(directory: string, cgroup: string | undefined): Promise<void> {
  // Before anything is started: its processes may be those that are too many (cgroups(7)). Not watch-lease.sh, which
  // goes on from here if this process is killed, too, until the script has begun
  const groups = cgroup ? ['manager', 'waiting'].map((name) => join(cgroup, name)) : []
  for (const group of groups) await writeFile(join(group, 'cgroup.kill'), '1').catch(() => {})
  await run([libexec('remove-session.sh'), directory, cgroup ?? '-', '5']).catch(() => {})
  if (existsSync(directory)) await rm(directory, { recursive: true, force: true }).catch(() => {})
  // bounded, as in end-cgroup.sh: the kernel tells nobody when the last process has been reaped and the group can go
  for (let tries = 0; cgroup && existsSync(cgroup) && tries < TRIES; tries++) {
    await removeGroup(cgroup).catch(() => wait(PAUSE))
  }
}

const TRIES = 200
/** Milliseconds. */
const PAUSE = 10

/** A process session of its own: what ends this process does not end it. */
async function run(script: readonly string[]): Promise<void> {
  const child = await startChild('sh', script, { detached: true, stdio: 'ignore' })
  await once(child, 'exit')
}

/** A control group goes when those below it have gone; its files are the kernel's. */
async function removeGroup(directory: string): Promise<void> {
  const entries = await readdir(directory, { withFileTypes: true }).catch(() => [])
  for (const entry of entries)
    if (entry.isDirectory()) await removeGroup(join(directory, entry.name))
  await rmdir(directory)
}
