import { createHash } from 'node:crypto'
import { once } from 'node:events'
import type { Readable, Writable } from 'node:stream'
import { bytesOf } from '../../disk/names.ts'
import { startChild } from '../../shortage/child.ts'
import { runFailed } from '../build/failure.ts'
import type { Build } from '../build/step.ts'
import { Bytes } from './bytes.ts'
import { BLOCK, readHeader, readPax } from './tar.ts'

/** Bytes of a piece of a large file. */
const PIECE = 2 ** 20
/** The program that reads a large file without its holes. It is given the path with a NUL after it. */
const READER = [
  ...['tar', '--create', '--format=posix', '--sparse', '--absolute-names', '--file=-'],
  ...['--null', '--verbatim-files-from', '--files-from=-'],
]

/** The digest of a large file of the host. */
export async function digestHere(path: string): Promise<string> {
  const [program = '', ...argv] = READER
  const child = await startChild(program, argv, { stdio: ['pipe', 'pipe', 'ignore'] })
  const ended = once(child, 'close')
  const [input, output] = [child.stdin as Writable, child.stdout as Readable]
  input.on('error', () => {})
  input.end(bytesOf(`${path}\0`))
  const digest = await digestOfLarge(output).finally(() => child.kill('SIGKILL'))
  await ended
  return digest
}

/**
 * The digest of a large file, read as root of the build's namespace: it may be closed to whoever runs this.
 * @param path relative to the build's directory
 */
export async function digestIn({ onHost }: Pick<Build, 'onHost'>, path: string): Promise<string> {
  let found = ''
  const result = await onHost(READER, {
    input: bytesOf(`${path}\0`),
    read: async (output) => {
      found = await digestOfLarge(output)
    },
  })
  if (result.exitCode !== 0) throw runFailed('reading a file', result)
  return found
}

/**
 * The digest of a large file: of its size, and of those pieces of 1 MiB that are not all zeros, with where they are. A
 * hole of 20 GB (lseek(2)) takes no time then, and the same bytes have the same digest whether they are holes on the disk
 * or not.
 * @param tar what {@link READER} prints
 */
async function digestOfLarge(tar: Readable): Promise<string> {
  const bytes = new Bytes(tar)
  const pieces = new Pieces()
  let records: Readonly<Record<string, string>> = {}
  for (;;) {
    const block = await bytes.take(BLOCK)
    const header = block && readHeader(block)
    if (!header) throw new Error('there was no file')
    if (header.type === 'pax') records = readPax(await bytes.content(header.size))
    else {
      const stored = Number(records['size'] ?? header.size)
      const sparse = records['GNU.sparse.major'] === '1'
      const size = sparse ? Number(records['GNU.sparse.realsize']) : stored
      for (const { offset, length } of sparse
        ? await readMap(bytes)
        : [{ offset: 0, length: size }]) {
        let at = offset
        await bytes.pass(length, (part) => {
          pieces.add(at, part)
          at += part.length
        })
      }
      await bytes.drain()
      return `pieces:${pieces.digest(size)}`
    }
  }
}

/** Where there is data in the file (tar's manual, "PAX Format, Version 1.0"): lines of numbers, padded to a block. */
async function readMap(bytes: Bytes): Promise<{ offset: number; length: number }[]> {
  let text = ''
  for (;;) {
    text += (await bytes.take(BLOCK))?.toString('latin1') ?? ''
    const [count = Number.NaN, ...numbers] = text.split('\n').slice(0, -1).map(Number)
    if (numbers.length < 2 * count || Number.isNaN(count)) continue
    return Array.from({ length: count }, (_, index) => ({
      offset: numbers[2 * index] ?? 0,
      length: numbers[2 * index + 1] ?? 0,
    }))
  }
}

const ZEROS = Buffer.alloc(PIECE)

/** The pieces of a file that come in order, and may leave some out. */
class Pieces {
  readonly #hash = createHash('sha256')
  readonly #piece = Buffer.alloc(PIECE)
  #number = 0

  add(offset: number, bytes: Buffer): void {
    for (let at = 0; at < bytes.length; ) {
      const number = Math.floor((offset + at) / PIECE)
      if (number !== this.#number) this.#end(number)
      at += bytes.copy(this.#piece, (offset + at) % PIECE, at)
    }
  }

  digest(size: number): string {
    this.#end(0)
    return this.#hash.update(`${size}\n`).digest('hex')
  }

  #end(next: number): void {
    if (!this.#piece.equals(ZEROS)) {
      this.#hash.update(`${this.#number}\n`).update(this.#piece)
      this.#piece.fill(0)
    }
    this.#number = next
  }
}
