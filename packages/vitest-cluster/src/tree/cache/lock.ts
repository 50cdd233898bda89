import { once } from 'node:events'
import { closeSync, fstatSync, openSync, statSync } from 'node:fs'
import { startChild } from '../../shortage/child.ts'

/** A lock that ends with this process, however it ends. */
export interface Lock {
  release(): void
}

/**
 * Takes a lock on a file. flock(1) does, for Node has no flock(2), on a descriptor that this process opened: the lock is
 * that of the open file, and stays with this process when flock(1) has ended.
 * @param onWait called once where somebody else holds it
 */
export async function takeLock(file: string, onWait: () => void): Promise<Lock> {
  const free = await hold(file, NOW)
  if (free) return free
  onWait()
  const lock = await hold(file, WHEN_FREE)
  if (lock) return lock
  throw new Error(`flock did not wait for ${file}`)
}

/** Takes a lock if nobody holds it, and it can be taken at all. */
export function tryLock(file: string): Promise<Lock | undefined> {
  return hold(file, NOW).catch(() => undefined)
}

const NOW = ['flock', '--nonblock']
// What waits has to go with this process
const WHEN_FREE = ['setpriv', '--pdeathsig', 'KILL', 'flock', '--exclusive']

async function hold(file: string, argv: readonly string[]): Promise<Lock | undefined> {
  for (;;) {
    const fd = openSync(file, 'a', 0o600)
    const release = () => closeSync(fd)
    try {
      if (!(await lock(fd, argv))) {
        release()
        return undefined
      }
    } catch (error) {
      release()
      throw error
    }
    if (isStill(fd, file)) return { release }
    // `clean` took the file away between its opening and its lock: another one may be locked by that name
    release()
  }
}

/** Whether what is open is still there by its name. */
function isStill(fd: number, file: string): boolean {
  const there = statSync(file, { throwIfNoEntry: false })
  const open = fstatSync(fd)
  return there?.dev === open.dev && there.ino === open.ino
}

/** flock(1)'s exit code where somebody else holds the lock. */
const HELD = 1

/** The file is the program's descriptor 3, and nothing else: a pipe costs as much as the program. */
async function lock(fd: number, [program = '', ...args]: readonly string[]): Promise<boolean> {
  // Ctrl-C on the terminal is for this process to take, which lets go by its end
  const child = await startChild(program, [...args, '3'], {
    ...{ stdio: ['ignore', 'ignore', 'ignore', fd], detached: true },
  })
  const [code, signal] = await once(child, 'exit')
  if (code === 0 || code === HELD) return code === 0
  throw new Error(`flock ended with ${code ?? signal}, see EXIT STATUS in flock(1)`)
}
