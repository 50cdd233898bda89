import { once } from 'node:events'
import { closeSync, fstatSync, openSync, statSync } from 'node:fs'
import { startChild } from '../../shortage/child.ts'

/** A lock that is released when this process ends, however it ends. */
export interface Lock {
  release(): void
}

/**
 * Locks a file by flock(1), because Node has no flock(2). This process opens the file and passes the descriptor: the lock
 * belongs to the open file, so this process keeps it after flock(1) has ended.
 * @param onWait called once if another process holds the lock
 */
export async function takeLock(file: string, onWait: () => void): Promise<Lock> {
  const free = await hold(file, NOW)
  if (free) return free
  onWait()
  const lock = await hold(file, WHEN_FREE)
  if (lock) return lock
  throw new Error(`flock did not wait for ${file}`)
}

/** Takes a lock. Undefined if another process holds it, or if the file cannot be locked. */
export function tryLock(file: string): Promise<Lock | undefined> {
  return hold(file, NOW).catch(() => undefined)
}

const NOW = ['flock', '--nonblock']
// A waiting flock(1) must end with this process
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
    // `clean` removed the file after it was opened: another process may have locked a new file of that name
    release()
  }
}

/** Whether the name still refers to the open file. */
function isStill(fd: number, file: string): boolean {
  const there = statSync(file, { throwIfNoEntry: false })
  const open = fstatSync(fd)
  return there?.dev === open.dev && there.ino === open.ino
}

/** flock(1)'s exit code if another process holds the lock. */
const HELD = 1

/** Passes the file as descriptor 3 and no other stream: a pipe would take as long as the program. */
async function lock(fd: number, [program = '', ...args]: readonly string[]): Promise<boolean> {
  // Ctrl-C on the terminal must reach this process only, which releases the lock when it ends
  const child = await startChild(program, [...args, '3'], {
    ...{ stdio: ['ignore', 'ignore', 'ignore', fd], detached: true },
  })
  const [code, signal] = await once(child, 'exit')
  if (code === 0 || code === HELD) return code === 0
  throw new Error(`flock ended with ${code ?? signal}, see EXIT STATUS in flock(1)`)
}
