import { watch } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'

/** The largest piece of a file in memory. */
const PIECE = 256 * 1024

/** The content of a file from one byte to another, in pieces of at most 256 KiB. */
export async function* pieces(file: FileHandle, from: number, to: number): AsyncGenerator<Buffer> {
  for (let at = Math.max(0, from); at < to; ) {
    const length = Math.min(PIECE, to - at)
    const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(length), 0, length, at)
    if (bytesRead === 0) return
    at += bytesRead
    yield buffer.subarray(0, bytesRead)
  }
}

/** As {@link pieces}, in one buffer. */
export async function range(file: FileHandle, from: number, to: number): Promise<Buffer> {
  const whole = Buffer.allocUnsafe(Math.max(0, to - from))
  let length = 0
  for await (const piece of pieces(file, from, to)) length += piece.copy(whole, length)
  return whole.subarray(0, length)
}

/**
 * The content of a file from a byte on, and what is written to it (inotify(7)) until `until` resolves, in pieces. Ends
 * with the content at that moment. An empty piece means that there is no more for now. A file that became shorter is read
 * from its beginning.
 * @throws what `until` rejects with, also between two pieces; a Node system error
 */
export async function* follow(
  file: FileHandle,
  { from = 0, until }: { readonly from?: number; readonly until: Promise<unknown> },
): AsyncGenerator<Buffer> {
  const ac = new AbortController()
  const seen = { change: false, end: false, error: undefined as unknown }
  let wake = () => {}
  const note = (what: Partial<typeof seen>) => {
    Object.assign(seen, what)
    wake()
  }
  until.then(
    () => note({ end: true }),
    (error: unknown) => note({ error }),
  )
  try {
    // The kernel watches the open file, not its path
    watch(`/proc/self/fd/${file.fd}`, { signal: ac.signal }, () => note({ change: true })).on(
      'error',
      (error) => note({ error }),
    )
    for (let at = Math.max(0, from); ; ) {
      const last = seen.end
      seen.change = false
      const { size } = await file.stat()
      if (size < at && at > from) at = 0
      for await (const piece of pieces(file, at, size)) {
        if (seen.error) throw seen.error
        at += piece.length
        yield piece
      }
      if (last) return
      yield Buffer.alloc(0)
      const woken = new Promise<void>((resolve) => {
        wake = resolve
      })
      if (!seen.change && !seen.end && !seen.error) await woken
      if (seen.error) throw seen.error
    }
  } finally {
    ac.abort()
  }
}
