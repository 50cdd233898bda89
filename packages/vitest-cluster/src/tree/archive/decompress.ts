import type { ChildProcessByStdio } from 'node:child_process'
import { once } from 'node:events'
import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { PassThrough, type Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { ClusterError, errnoOf, isClusterError, messageOf } from '../../errors.ts'
import { startChild } from '../../shortage/child.ts'

/** How files begin (magic(5)), and the program that reads them; none for what is not read here. */
const FORMATS = [
  { magic: '1f8b', name: 'gzip', program: 'gzip', debian: 'gzip' },
  { magic: 'fd377a585a00', name: 'xz', program: 'xz', debian: 'xz-utils' },
  { magic: '28b52ffd', name: 'zstd', program: 'zstd', debian: 'zstd' },
  { magic: '425a68', name: 'bzip2' },
  { magic: '04224d18', name: 'lz4' },
  { magic: '504b0304', name: 'zip' },
  { magic: '68737173', name: 'squashfs' },
  { magic: '377abcaf271c', name: '7z' },
  { magic: '514649fb', name: 'qcow2' },
] as const

/**
 * Reads a tar, whatever it is compressed by.
 * @param read reads the tar; may stop before its end by an error
 * @throws ClusterError `TREE_ARCHIVE`, `MISSING_PROGRAM`
 */
export async function readTar<T>(file: string, read: (tar: Readable) => Promise<T>): Promise<T> {
  const format = await formatOf(file)
  if (!format) return read(createReadStream(file)).catch(asBroken)
  if (!('program' in format)) throw unread(format.name)
  const { program } = format
  // The file itself, not through this process: under load a pipe from here ended too soon for zstd
  const input = await open(file)
  const child = await startChild<Decompressor>(program, ['-dc'], {
    stdio: [input.fd, 'pipe', 'pipe'],
  }).catch(async (error: unknown) => {
    await input.close()
    throw errnoOf(error) === 'ENOENT' ? missing(format) : error
  })
  const said = text(child.stderr)
  const ended = once(child, 'close')
  // Read from now on: what no one reads yet when a child exits, Node throws away (flushStdio in its child_process.js)
  const tar = child.stdout.pipe(new PassThrough())
  const outcome = await read(tar).then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  )
  // Who was refused a member has stopped reading in the middle: that the program fails, then, says nothing
  const stopped = !tar.readableEnded
  if (stopped) child.kill('SIGKILL')
  const [end = 1] = (await ended) as [number | null]
  await input.close()
  if (!stopped && end !== 0) throw broken((await said).trim() || `${program} ended with ${end}`)
  if ('error' in outcome) return asBroken(outcome.error)
  return outcome.value
}

type Decompressor = ChildProcessByStdio<null, Readable, Readable>

function missing({ program, debian }: { program: string; debian: string }): ClusterError {
  return new ClusterError({
    code: 'MISSING_PROGRAM',
    message: `${program} is not installed, which the archive is compressed by`,
    mend: `sudo apt-get install ${debian}        # Debian, Ubuntu`,
  })
}

async function formatOf(file: string) {
  const handle = await open(file)
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(8), 0, 8, 0)
    const start = buffer.subarray(0, bytesRead).toString('hex')
    return FORMATS.find(({ magic }) => start.startsWith(magic))
  } finally {
    await handle.close()
  }
}

function asBroken(error: unknown): never {
  // What the system says of a file or a program is not about the archive
  if (isClusterError(error) || errnoOf(error)) throw error
  throw broken(messageOf(error), error)
}

function broken(said: string, cause?: unknown): ClusterError {
  return new ClusterError(
    {
      code: 'TREE_ARCHIVE',
      message: `is broken, or no tar at all: ${said}`,
      mend: 'See that all of it is there: `tar -tvf FILE` lists a whole one. Fetch it or make it once more.',
    },
    { cause },
  )
}

function unread(name: string): ClusterError {
  return new ClusterError({
    code: 'TREE_ARCHIVE',
    message: `is a ${name} file, which is not read`,
    mend: 'Give a tar, plain or compressed by gzip, xz or zstd.',
  })
}
