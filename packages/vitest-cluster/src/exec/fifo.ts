import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, constants, fchmodSync, fchownSync } from 'node:fs'
import { Socket } from 'node:net'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import type { FileOwner, HeldDirectory } from '../disk/held-directory.ts'
import { errnoOf } from '../errors.ts'
import { startChild } from '../shortage/child.ts'
import { clearInterval, clearTimeout, setInterval, setTimeout } from '../timers.ts'

const { O_RDONLY, O_RDWR, O_WRONLY } = constants
/** Milliseconds for another process that keeps the output of a program open after its end. */
const PATIENCE = 1_000
/** Milliseconds between two looks whether a program waits in open(2) of an input that has ended. */
const KNOCK = 50

/** Creates FIFOs in a directory, which Node cannot do. @throws Error with what mkfifo(1) printed */
export async function makeFifos(held: HeldDirectory, names: readonly string[]): Promise<void> {
  const argv = ['-m', '600', '--', ...names.map((name) => `/proc/self/fd/3/${name}`)]
  const child = await startChild<ChildProcess & { readonly stderr: Readable }>('mkfifo', argv, {
    stdio: ['ignore', 'ignore', 'pipe', held.descriptor],
  })
  const [said, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')])
  if (code !== 0) throw new Error(`mkfifo failed: ${said.trim()}`)
}

/** The only access to a FIFO: its directory is closed to others, but a program of another account may open /dev/stdin. */
function opened(held: HeldDirectory, name: string, flags: number, owner: FileOwner): number {
  const fd = held.fifo(name, flags)
  if (owner.uid !== process.getuid?.()) fchownSync(fd, owner.uid, owner.gid)
  fchmodSync(fd, flags === O_RDONLY ? 0o622 : 0o644)
  return fd
}

/** Opens a FIFO for writing, and closes it. */
function touch(held: HeldDirectory, name: string): void {
  try {
    closeSync(held.fifo(name, O_WRONLY))
  } catch (error) {
    // Nobody reads it
    if (errnoOf(error) !== 'ENXIO') throw error
  }
}

/** A FIFO that a program writes to. Its output arrives as it is written; the program waits while nobody reads. */
export class OutputFifo {
  readonly #held: HeldDirectory
  readonly #name: string
  readonly #socket: Socket

  constructor(held: HeldDirectory, name: string, owner: FileOwner) {
    this.#held = held
    this.#name = name
    const fd = opened(held, name, O_RDONLY, owner)
    this.#socket = new Socket({ fd, readable: true, writable: false })
    this.#socket.on('error', () => {})
  }

  /** What is written until `ended` resolves, in pieces. @throws what `ended` rejects with */
  async *follow(ended: Promise<unknown>): AsyncGenerator<Buffer> {
    let note = () => {}
    let how: { readonly error?: unknown } | undefined
    const set = (end: { readonly error?: unknown }) => {
      how = end
      note()
    }
    ended.then(
      () => {
        // It ends when its last writer closes it (fifo(7)): also if the program has not opened it
        touch(this.#held, this.#name)
        set({})
      },
      (error: unknown) => set({ error }),
    )
    const pieces: AsyncIterator<Buffer> = this.#socket[Symbol.asyncIterator]()
    for (;;) {
      let timer: NodeJS.Timeout | undefined
      // Not Promise.race(): `ended` would keep each piece in memory
      const next = await new Promise<IteratorResult<Buffer>>((resolve, reject) => {
        note = () => {
          if (how && 'error' in how) reject(how.error)
          else if (how)
            timer = setTimeout(() => resolve({ done: true, value: undefined }), PATIENCE)
        }
        note()
        pieces.next().then(resolve, reject)
      }).finally(() => clearTimeout(timer))
      if (next.done) return
      yield next.value
    }
  }

  close(): void {
    this.#socket.destroy()
  }
}

/** A FIFO that a program reads. */
export class InputFifo {
  readonly #held: HeldDirectory
  readonly #name: string
  /** Both ends, until the program has its own: otherwise its open(2) would wait, or what was written would be lost. */
  #both: number | undefined
  #socket: Socket | undefined
  #knocking: NodeJS.Timeout | undefined
  #closed = false

  constructor(held: HeldDirectory, name: string, owner: FileOwner) {
    this.#held = held
    this.#name = name
    this.#both = opened(held, name, O_RDWR, owner)
  }

  /** Writes an input to a program that runs, and ends it. Stops when the program no longer reads. */
  async write(input: AsyncIterable<Uint8Array>): Promise<void> {
    if (this.#both === undefined) return
    const fd = this.#held.fifo(this.#name, O_WRONLY)
    this.#release()
    const socket = new Socket({ fd, readable: false, writable: true })
    this.#socket = socket
    socket.on('error', () => {})
    for await (const piece of input) {
      const error = await new Promise((resolve) => socket.write(piece, resolve))
      if (error) return
    }
    await new Promise((resolve) => socket.once('close', resolve).destroySoon())
    // Unlike that of a pipe, an open(2) of /dev/stdin waits for a writer (fifo(7))
    if (!this.#closed) this.#knocking = setInterval(() => touch(this.#held, this.#name), KNOCK)
  }

  close(): void {
    this.#closed = true
    this.#release()
    clearInterval(this.#knocking)
    this.#socket?.destroy()
  }

  #release(): void {
    if (this.#both !== undefined) closeSync(this.#both)
    this.#both = undefined
  }
}
