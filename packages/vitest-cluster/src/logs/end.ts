import { logSize, readLog } from './file.ts'

/** The last whole lines of a log. */
export interface LogEnd {
  readonly text: string
  /** Bytes before it that were left out. */
  readonly omitted: number
}

const LIMIT = 64 * 1024

/** The last 64 KiB of a log; empty if there is no log. */
export async function readEnd(path: string, limit = LIMIT): Promise<LogEnd> {
  const size = await logSize(path)
  const from = Math.max(0, size - limit)
  const bytes = await readLog(path, from, size)
  const start = from === 0 ? 0 : bytes.indexOf(0x0a) + 1
  return { text: bytes.toString('utf8', start), omitted: from + start }
}
