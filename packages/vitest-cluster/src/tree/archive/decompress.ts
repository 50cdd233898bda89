import type { ChildProcessByStdio } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { type FileHandle, open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { isMissing, startChild } from '../../shortage/child.ts'
import { missingProgram } from '../build/failure.ts'
import type { Build } from '../build/step.ts'
import { badArchive, broken } from './bad-archive.ts'

/** Formats by their magic numbers (magic(5)), with Debian's package of the program that decompresses them. */
const FORMATS: readonly (readonly [magic: string, name: string, debian?: string])[] = [
  ['1f8b', 'gzip', 'gzip'],
  ['fd377a585a00', 'xz', 'xz-utils'],
  ['28b52ffd', 'zstd', 'zstd'],
  ['425a68', 'bzip2'],
  ['04224d18', 'lz4'],
  ['504b0304', 'zip'],
  ['68737173', 'squashfs'],
  ['377abcaf271c', '7z'],
  ['514649fb', 'qcow2'],
]

/**
 * Calls a function with an archive as a plain tar. A compressed archive is decompressed to a temporary file in the build's
 * directory.
 * @throws ClusterError `TREE_ARCHIVE`, `MISSING_PROGRAM`
 */
export async function withPlainTar<T>(
  { directory }: Pick<Build, 'directory'>,
  file: string,
  use: (tar: string) => Promise<T>,
): Promise<T> {
  const input = await open(file)
  const plain = join(directory, `${randomUUID()}.tar`)
  try {
    const { buffer, bytesRead } = await input.read(Buffer.alloc(8), 0, 8, 0)
    const start = buffer.toString('hex', 0, bytesRead)
    const [, name, debian] = FORMATS.find(([magic]) => start.startsWith(magic)) ?? []
    if (!name) return await use(file)
    if (!debian)
      throw badArchive(
        `is a ${name} file, which is not supported`,
        'Use a tar, plain or compressed by gzip, xz or zstd.',
      )
    await decompress({ program: name, debian }, input, plain)
    return await use(plain)
  } finally {
    await input.close()
    await rm(plain, { force: true })
  }
}

async function decompress(
  { program, debian }: { readonly program: string; readonly debian: string },
  input: FileHandle,
  to: string,
): Promise<void> {
  const output = await open(to, 'wx', 0o600)
  try {
    const child = await startChild<ChildProcessByStdio<null, null, Readable>>(program, ['-dc'], {
      stdio: [input.fd, output.fd, 'pipe'],
    })
    const [said, [code]] = await Promise.all([text(child.stderr), once(child, 'close')])
    if (code !== 0) throw broken(said.trim() || `${program} ended with ${code}`)
  } catch (error) {
    if (!isMissing(error, program)) throw error
    throw missingProgram(`${program}, which decompresses the archive, is not installed`, debian)
  } finally {
    await output.close()
  }
}
