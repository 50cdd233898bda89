import { readFileSync, watch, writeFileSync } from 'node:fs'
import { basename, dirname } from 'node:path'

/** Where whoever makes a step says what he does, for those who wait for him. */
function statusFile(lock: string): string {
  return `${lock}.says`
}

/** Tells people, and whoever waits for the lock. */
export function sayProgress(
  lock: string,
  tell: (message: string) => void,
): (message: string) => void {
  return (message) => {
    tell(message)
    try {
      writeFileSync(statusFile(lock), message, { mode: 0o600 })
    } catch {
      // who waits hears nothing: the work goes on
    }
  }
}

/** Tells what the holder of the lock says, until called. */
export function relayProgress(lock: string, tell: (message: string) => void): () => void {
  let last: string | undefined
  const look = () => {
    try {
      const message = readFileSync(statusFile(lock), 'utf8')
      if (message && message !== last) tell(message)
      last = message
    } catch {
      // nothing said yet
    }
  }
  const name = basename(statusFile(lock))
  const watcher = watch(dirname(lock), (_, changed) => {
    if (changed === name) look()
  })
  look()
  if (last === undefined) tell('waiting')
  return () => watcher.close()
}
