import type { TreeEvent, TreeProgress } from '../tree/progress.ts'

/** Where nobody looks on, milliseconds from one line about the same step to the next. */
const PACE = 5_000

export interface ProgressStream {
  readonly isTTY?: boolean
  readonly columns?: number
  write(text: string): unknown
}

/**
 * Tells on a stream what becomes of a tree: what begins and ends on lines of its own; what goes on between on one live
 * line of a terminal, or else on a plain line every few seconds.
 */
export function treeProgress(stream: ProgressStream, now = Date.now): TreeProgress {
  let live = false
  let last = 0
  const clear = () => {
    if (live) stream.write('\r\u001B[K')
    live = false
  }
  return ({ step, kind, message }: TreeEvent) => {
    const line = `tree: ${step}: ${message}`
    if (kind === 'progress' || kind === 'waiting') {
      if (stream.isTTY) {
        stream.write(`\r\u001B[K${line.slice(0, (stream.columns ?? 80) - 1)}`)
        live = true
        return
      }
      if (now() - last < PACE) return
    }
    last = now()
    clear()
    stream.write(`${line}\n`)
  }
}
