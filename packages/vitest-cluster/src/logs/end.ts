import { logSize, readLog } from './file.ts'

/** The end of a log, whole lines. */
export interface LogEnd {
  readonly text: string
  /** Bytes before it that were left out. */
  readonly omitted: number
}

const LIMIT = 64 * 1024

/** The last 64 KiB of a log; empty where there is none. */
export async function readEnd(path: string, limit = LIMIT): Promise<LogEnd> {
  const size = await logSize(path)
  const from = Math.max(0, size - limit)
  const bytes = await readLog(path, from, size)
  const start = from === 0 ? 0 : bytes.indexOf(0x0a) + 1
  return { text: bytes.toString('utf8', start), omitted: from + start }
}
