import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { bytesOf, LONGEST_PATH, nameOf, quoted, tooLong } from '../../disk/names.ts'
import { ClusterError } from '../../errors.ts'
import { runFailed } from '../build/failure.ts'
import { LARGE } from '../build/hashes.ts'
import type { Build } from '../build/step.ts'
import type { Entry, EntryRecord } from '../cache/entry.ts'
import {
  digestOf,
  fillDigests,
  fillKnown,
  type Line,
  parse,
  parseFind,
  render,
} from '../cache/manifest.ts'

/** A finished tree, in the build's directory as `tree`. */
export interface Sealed {
  readonly record: Pick<EntryRecord, 'digest' | 'size' | 'files' | 'own'>
  keepManifest(path: string): Promise<void>
}

/** Turns the result of a step into a tree, and computes the digests of files that the tree below does not have. */
export async function seal(build: Build, below: Entry | undefined): Promise<Sealed> {
  build.say('computing digests')
  const lower = below ? `../../entries/${below.key}/root` : '-'
  await run(build, ['sh', 'seal.sh', lower, `${LONGEST_PATH}`])
  const long = nameOf(await readFile(join(build.directory, 'long')))
  if (long !== '') throw tooDeep(long)
  const known = below ? parse(await readFile(join(below.directory, 'manifest'), 'utf8')) : []
  const listed = fillKnown(parseFind(await readFile(join(build.directory, 'listing'))), known)
  const unknown = listed.filter(({ type, content }) => type === 'f' && !content)
  const large = unknown.filter(({ size }) => Number(size) >= LARGE)
  const small = unknown.filter(({ size }) => Number(size) < LARGE)
  const lines = fillDigests(
    listed,
    Buffer.concat([
      await digests(build, small, 'sha256sum --zero'),
      await digests(build, large, 'sh ../large.sh'),
    ]),
  )
  return {
    record: { digest: digestOf(lines), ...sizes(lines), own: [] },
    keepManifest: (path) => writeFile(path, render(lines), { mode: 0o600 }),
  }
}

function sizes(lines: readonly Line[]) {
  const files = lines.filter(({ type }) => type === 'f')
  // Several hard links count as one file
  const inodes = new Map(files.map(({ inode, size }) => [inode, Number(size)]))
  return { size: [...inodes.values()].reduce((sum, size) => sum + size, 0), files: files.length }
}

/** The digests of files, read as the namespace's root, because this process may not read all of them. */
async function digests(build: Build, files: readonly Line[], program: string): Promise<Buffer> {
  if (files.length === 0) return Buffer.alloc(0)
  const list = files.map(({ path }) => `./${path}\0`).join('')
  // Written to a file: the lines of output are split at line ends, which names may contain
  const argv = ['sh', '-c', `cd tree && xargs --null ${program} >../digests`]
  await run(build, argv, bytesOf(list))
  return readFile(join(build.directory, 'digests'))
}

async function run(build: Build, argv: readonly string[], input?: Buffer): Promise<void> {
  const result = await build.onHost(argv, input === undefined ? {} : { input })
  if (result.exitCode !== 0) throw runFailed(argv.slice(0, 2).join(' '), result)
}

function tooDeep(path: string): ClusterError {
  return new ClusterError({
    code: 'TREE_FAILED',
    message: `the step creates ${quoted(`/${path}`)}, which ${tooLong(path)}`,
    fix: 'Create no directories that deep, or remove them at the end of the step: Linux accepts paths of up to 4,095 bytes, including the directory of the tree.',
  })
}
