import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, stat } from 'node:fs/promises'

/** A lock that ends with this process, however it ends. */
export interface Lock {
  release(): Promise<void>
}

interface HeldLock extends Lock {
  /** The process that has it. */
  readonly pid: number
}

/**
 * Takes a lock on a file (flock(1), for Node has no flock(2)): the program that holds it waits for the end of its
 * input, which only this process holds.
 * @param onWait called once where somebody else holds it
 */
export async function takeLock(file: string, onWait: () => void): Promise<Lock> {
  const free = await hold(file, '--nonblock')
  if (free) return free
  onWait()
  const lock = await hold(file, '--exclusive')
  if (lock) return lock
  throw new Error(`flock ${file} failed`)
}

/** flock(1)'s exit code where somebody else holds the lock. */
const HELD = 1

/** Takes a lock if nobody holds it, and it can be taken at all. */
export function tryLock(file: string): Promise<Lock | undefined> {
  return hold(file, '--nonblock').catch(() => undefined)
}

async function hold(file: string, how: string): Promise<Lock | undefined> {
  for (;;) {
    const held = await holdOnce(file, how)
    if (!held || (await isOf(held.pid, file))) return held
    // `clean` took the file away between its opening and its lock: another one may be locked by that name
    await held.release()
  }
}

/** Whether the file that a process locked is still there by its name. */
async function isOf(pid: number, file: string): Promise<boolean> {
  const there = await stat(file).catch(() => undefined)
  if (!there) return false
  const directory = `/proc/${pid}/fd`
  const open = await Promise.all(
    (await readdir(directory).catch(() => [])).map((fd) =>
      stat(`${directory}/${fd}`).catch(() => undefined),
    ),
  )
  return open.some((each) => each?.dev === there.dev && each.ino === there.ino)
}

async function holdOnce(file: string, how: string): Promise<HeldLock | undefined> {
  // no-fork: the lock is cat's, and goes with it. What is written to it comes back once it has the lock
  const child = spawn('flock', [how, '--no-fork', file, 'cat'], {
    stdio: ['pipe', 'pipe', 'pipe'],
    // Ctrl-C on the terminal is for this process to take, which lets go by its end
    detached: true,
  })
  child.stdin.on('error', () => {})
  child.stdin.write('held')
  let complaint = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint += text
  })
  const ended = once(child, 'close')
  const held = await Promise.race([
    once(child.stdout, 'data').then(() => true),
    ended.then(() => false),
  ])
  if (!held) {
    const [exitCode] = await ended
    if (exitCode === HELD) return undefined
    throw new Error(complaint.trim() || `flock ${file} ended with ${exitCode}`)
  }
  return {
    pid: child.pid as number,
    async release() {
      child.stdin.end()
      await ended
    },
  }
}
