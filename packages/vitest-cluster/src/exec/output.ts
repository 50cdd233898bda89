import { constants } from 'node:buffer'
import { once } from 'node:events'
import type { Writable } from 'node:stream'
import { finished } from 'node:stream/promises'
import type { ExecEncoding, ExecOptions, ExecResult } from '../definition/exec.ts'
import { ClusterError, isClusterError, messageOf } from '../errors.ts'
import type { ExecFiles, Output } from './files.ts'

/** Bytes of UTF-8 that always fit into a string: 512 MiB less 24 bytes. */
const LIMIT = constants.MAX_STRING_LENGTH

/** An output, and the stream that gets it while the program runs. */
export interface Destination {
  readonly name: Output
  readonly stream?: Writable | undefined
}

/** Where the outputs go. Two outputs for one stream, or one result, are one output: so their order is kept. */
export function destinations({
  stdout,
  stderr,
  all,
}: Pick<ExecOptions, 'stdout' | 'stderr' | 'all'>): readonly Destination[] {
  if (all || (stdout && stdout === stderr)) return [{ name: 'all', stream: stdout }]
  return [
    { name: 'stdout', stream: stdout },
    { name: 'stderr', stream: stderr },
  ]
}

/**
 * Writes the output of a program to the given streams while it runs, and ends the streams after it.
 * @param program settles when the program has ended
 * @param stop ends the program when a stream fails
 * @throws ClusterError `EXEC_FAILED` when a stream fails; what `program` rejects with
 */
export async function passOn<T>(
  files: ExecFiles,
  outputs: readonly Destination[],
  program: Promise<T>,
  { service, stop }: { readonly service: string; stop(): Promise<unknown> },
): Promise<T> {
  const live = outputs.flatMap(({ name, stream }) => (stream ? { name, stream } : []))
  try {
    await Promise.all(live.map(({ name, stream }) => pour(files.follow(name, program), stream)))
    await Promise.all(live.map(({ stream }) => end(stream)))
  } catch (cause) {
    if (isClusterError(cause)) throw cause
    await stop()
    await program.catch(() => {})
    throw new ClusterError(
      {
        code: 'EXEC_FAILED',
        service,
        message: `the stream for the output of exec failed: ${messageOf(cause)}`,
        fix: 'The program was stopped. Check the destination of the stream.',
      },
      { cause },
    )
  }
  return program
}

/** Writes all to a stream. Not pipeline(): it waits forever for a stream that has ended before (Node 24). */
async function pour(source: AsyncIterable<Uint8Array>, stream: Writable): Promise<void> {
  const ac = new AbortController()
  const { signal } = ac
  const write = async () => {
    for await (const piece of source) {
      if (!stream.writable) throw stream.errored ?? new Error('the stream has been ended')
      if (!stream.write(piece)) await once(stream, 'drain', { signal })
    }
  }
  // Detects an end of the stream also while there is no output
  const over = finished(stream, { readable: false, signal }).then(() => {
    throw new Error('the stream has been ended')
  })
  await Promise.race([write(), over]).finally(() => ac.abort())
}

async function end(stream: Writable): Promise<void> {
  // These two stay open until the process ends
  if (stream === process.stdout || stream === process.stderr) return
  stream.end()
  await finished(stream, { readable: false })
}

/** What a program wrote to a file, for the result. @throws ClusterError `EXEC_FAILED` for more than 512 MiB */
export async function written<E extends ExecEncoding>(
  files: ExecFiles,
  name: Output,
  encoding: E | undefined,
  service: string,
): Promise<ExecResult<E>['stdout']> {
  const size = await files.size(name)
  if (size > LIMIT) {
    throw new ClusterError({
      code: 'EXEC_FAILED',
      service,
      message: `the program of exec wrote ${size} bytes to ${name}; a result has ${LIMIT} at most`,
      fix: `Write the output to a stream: ${name === 'all' ? 'stdout' : name}: createWriteStream('file').`,
    })
  }
  return inEncoding(await files.read(name, size), encoding)
}

/** Bytes as the result has them. */
export function inEncoding<E extends ExecEncoding>(
  bytes: Buffer,
  encoding: E | undefined,
): ExecResult<E>['stdout'] {
  return (encoding === 'buffer' ? bytes : bytes.toString()) as ExecResult<E>['stdout']
}
