import { readFile } from 'node:fs/promises'
import { milliseconds, wait } from '../../timers.ts'
import { type Check, ok, warning } from '../check.ts'

/** Milliseconds to wait until an ended orphan is reaped. This takes less than one, but a first process may be slow. */
const PATIENCE = 1_000

const reaper: Check = {
  id: 'reaper',
  what: 'a first process (PID 1) that reaps orphans, such as the keeper of a killed run',
  neededFor: ['session'],
  async check({ attempt }) {
    // exec: after a built-in command dash would itself reap a child that has ended already
    const { stdout } = await attempt(['sh', '-c', 'true >/dev/null 2>&1 & exec echo $!'])
    const parent = await unreaped(stdout.trim())
    if (parent === undefined) return ok('reaped')
    const name = await readFile(`/proc/${parent}/comm`, 'utf8').catch(() => '')
    return warning(
      `process ${parent} (${name.trim()}) does not reap orphaned processes, which stay as zombies`,
      {
        all: ['# give the container an init: docker run --init …, podman run --init …'],
      },
    )
  },
}

export const REAPER: readonly Check[] = [reaper]

/** The parent of a zombie; undefined once the zombie is reaped. Polls, because the kernel does not report that. */
async function unreaped(pid: string): Promise<string | undefined> {
  for (const end = milliseconds() + PATIENCE; ; await wait(10)) {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined)
    if (stat === undefined) return undefined
    // PID (COMM) STATE PPID …, where COMM may have spaces and brackets
    const [, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    if (milliseconds() > end) return parent
  }
}
