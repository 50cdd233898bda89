import { once } from 'node:events'
import type { Socket } from 'node:net'
import { Writable } from 'node:stream'

/** What a frame of an answer has. The client has the same numbers: tree/client/control.py */
export const KINDS = { stdout: 1, stderr: 2, end: 3 } as const
type Kind = keyof typeof KINDS

/** A part of an answer: one byte for its kind, four for its length, and its content. */
export function frame(kind: Kind, content: Uint8Array): Buffer {
  const head = Buffer.alloc(5)
  head.writeUInt8(KINDS[kind])
  head.writeUInt32BE(content.length, 1)
  return Buffer.concat([head, content])
}

/** A stream whose chunks become frames. It waits while the client does not read. */
export function framing(socket: Socket, kind: Kind): Writable {
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      // A client that is gone reads nothing: the program's output is lost with it
      if (socket.destroyed) return done()
      if (socket.write(frame(kind, chunk))) return done()
      const waiting = new AbortController()
      const { signal } = waiting
      Promise.race([once(socket, 'drain', { signal }), once(socket, 'close', { signal })])
        .catch(() => {})
        .finally(() => {
          waiting.abort()
          done()
        })
    },
  })
}
