import { open } from 'node:fs/promises'

/** The end of a log, whole lines. */
export interface LogEnd {
  readonly text: string
  /** Bytes before it that were left out. */
  readonly omitted: number
}

const LIMIT = 64 * 1024

/** The last 64 KiB of a log; empty where there is none. */
export async function readEnd(path: string, limit = LIMIT): Promise<LogEnd> {
  const file = await open(path, 'r').catch(() => undefined)
  if (!file) return { text: '', omitted: 0 }
  try {
    const { size } = await file.stat()
    const from = Math.max(0, size - limit)
    const buffer = Buffer.alloc(size - from)
    const { bytesRead } = await file.read(buffer, 0, buffer.length, from)
    const start = from === 0 ? 0 : buffer.indexOf(0x0a) + 1
    return { text: buffer.toString('utf8', start, bytesRead), omitted: from + start }
  } finally {
    await file.close()
  }
}
