import type { TreeEvent, TreeProgress } from '../tree/progress.ts'

/** Milliseconds between two lines about the same step, where the output is not a terminal. */
const PACE = 5_000

export interface ProgressStream {
  readonly isTTY?: boolean
  readonly columns?: number
  write(text: string): unknown
}

/**
 * Prints the progress of a build to a stream. The start and end of a step are lines; the progress between is one live line
 * of a terminal, or else a plain line every few seconds.
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
