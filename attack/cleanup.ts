import { existsSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { execa } from 'execa'
import { sessionsBelow } from '../test/support/leftovers.ts'
import { entries } from '../test/support/proc.ts'
import { sharedName } from './target/definition.ts'

/**
 * Removes what a try left, so that the next try does not find it. Not with the library's scripts, which have just
 * failed.
 * @param left the lines of left.ts, each of which names a session of the try
 */
export async function cleanUp(directory: string, left: readonly string[]): Promise<void> {
  const rest = (what: string) =>
    left.filter((line) => line.startsWith(what)).map((line) => line.slice(what.length))
  const units = rest('unit ').flatMap((line) => line.match(/\S*vitest\S*/) ?? [])
  if (units.length > 0) await execa('systemctl', ['--user', 'stop', ...units], { reject: false })
  // A group's children come after it
  const groups = rest('cgroup ').reverse()
  for (const group of groups) attempt(() => writeFileSync(join(group, 'cgroup.kill'), '1'))
  for (const line of rest('process '))
    attempt(() => process.kill(Number.parseInt(line, 10), 'SIGKILL'))
  // The kernel does not report the end of a group's last process
  for (let tries = 0; tries < 50 && groups.some(existsSync); tries++) {
    for (const group of groups) attempt(() => rmdirSync(group))
    await wait(20)
  }
  for (const path of rest('/dev/shm/').filter((name) => name.startsWith(sharedName(directory))))
    attempt(() => rmSync(join('/dev/shm', path)))
  for (const segment of rest('System V ')) {
    const [kind = '', id = ''] = segment.split(' ')
    const option = { shm: '-m', sem: '-s', msg: '-q' }[kind]
    if (option) await execa('ipcrm', [option, id], { reject: false })
  }
  const sessions = sessionsBelow(directory)
  if (entries(sessions).length === 0) return
  const { failed } = await execa('rm', ['-rf', sessions], { reject: false })
  // The files may belong to subordinate uids
  if (failed)
    await execa('unshare', ['--user', '--map-auto', '--map-root-user', 'rm', '-rf', sessions], {
      reject: false,
    })
}

/** Ignores errors for things that no longer exist. */
function attempt(work: () => void): void {
  try {
    work()
  } catch {}
}
