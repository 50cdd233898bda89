import { createHash, randomBytes } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { lstat, mkdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ReadableStream } from 'node:stream/web'
import { ClusterError, errnoOf, messageOf } from '../../errors.ts'
import { bytes } from '../../units.ts'
import type { Build } from '../build/step.ts'

/** Milliseconds between two reports of progress. */
const SAID_EVERY = 1_000

/**
 * Downloads a URL once: the file is kept by its digest, but only if that is the expected one.
 * @returns the file
 * @throws ClusterError `TREE_UNREACHABLE`, `TREE_CHECKSUM`
 */
export async function download(
  { downloads, hashes, say }: Pick<Build, 'downloads' | 'hashes' | 'say'>,
  url: string,
  sha256: string,
): Promise<string> {
  const file = join(downloads, sha256)
  if (await lstat(file).catch(() => undefined)) {
    if ((await hashes.file(file)) === sha256) return file
    await rm(file)
  }
  await mkdir(downloads, { recursive: true })
  // Two runs may download the same file at once: the last one to finish replaces the file
  const temporary = `${file}.${randomBytes(4).toString('hex')}.part`
  try {
    const found = await fetchTo(temporary, url, say)
    if (found !== sha256) throw wrongDigest(sha256, found)
    await rename(temporary, file)
    return file
  } finally {
    await rm(temporary, { force: true })
  }
}

/** @returns the digest of the downloaded file */
async function fetchTo(file: string, url: string, say: (message: string) => void): Promise<string> {
  say(`downloading ${url}`)
  const response = await fetch(url).catch((cause: unknown) => unreachable(url, cause))
  if (!response.ok || !response.body) {
    await response.body?.cancel()
    return unreachable(url, `${response.status} ${response.statusText}`.trim())
  }
  const length = Number(response.headers.get('content-length') ?? 0)
  const whole =
    length > 0 && !response.headers.has('content-encoding') ? ` of ${bytes(length)}` : ''
  const hash = createHash('sha256')
  let count = 0
  let said = performance.now()
  const counted = async function* (body: AsyncIterable<Buffer>) {
    for await (const chunk of body) {
      hash.update(chunk)
      count += chunk.length
      if (performance.now() - said >= SAID_EVERY) {
        said = performance.now()
        say(`downloading: ${bytes(count)}${whole}`)
      }
      yield chunk
    }
  }
  const body = Readable.fromWeb(response.body as ReadableStream)
  await pipeline(body, counted, createWriteStream(file, { mode: 0o644, flags: 'wx' })).catch(
    (error: unknown) => {
      // A full disk is not an error of the network
      if (error instanceof Error && 'syscall' in error && error.syscall === 'write') throw error
      return unreachable(url, error, `, after ${bytes(count)}${whole}`)
    },
  )
  return hash.digest('hex')
}

function unreachable(url: string, cause: unknown, when = ''): never {
  const why = typeof cause === 'string' ? cause : reason(cause)
  throw new ClusterError(
    {
      code: 'TREE_UNREACHABLE',
      message: `cannot download ${url}: ${why}${when}`,
      fix: `Check the URL on this machine: curl -L --output /dev/null '${url}'\nOr download the file to a directory beside cluster.config.ts, and use its path instead.`,
    },
    { cause },
  )
}

/** The reason why fetch() failed, which is in the causes of its error. */
function reason(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined
  if (!cause) return messageOf(error)
  const errors = cause instanceof AggregateError ? cause.errors : [cause]
  return errors.map((each) => messageOf(each) || errnoOf(each)).join(', ')
}

/** The error for an archive with a wrong digest. */
export function wrongDigest(wanted: string, found: string): ClusterError {
  return new ClusterError({
    code: 'TREE_CHECKSUM',
    message: `does not have the expected sha256\n  expected: ${wanted}\n  found:    ${found}`,
    fix: 'Check that it is the right file. If the file has changed and you trust it, use its new sha256.',
  })
}
