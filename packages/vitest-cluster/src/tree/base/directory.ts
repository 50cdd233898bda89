import type { ChildProcessByStdio } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { PassThrough, type Readable } from 'node:stream'
import type { DirectoryBase } from '../../definition/tree.ts'
import { nameOf } from '../../disk/names.ts'
import { ClusterError } from '../../errors.ts'
import { startChild } from '../../shortage/child.ts'
import { XATTRS } from '../archive/unpack.ts'
import { runFailed } from '../build/failure.ts'
import { sha256 } from '../build/hashes.ts'
import type { Inputs, Step, StepContext } from '../build/step.ts'
import { unreadable } from '../layer/file-inputs.ts'

/** A directory that another tool has created. Used in place; copied only if it has layers. */
export function directoryStep({ path, manifest }: DirectoryBase): Step {
  const title = `directory ${path}`
  return {
    kind: 'directory',
    title,
    inPlace: ({ baseDirectory }) => resolve(baseDirectory, path),
    inputs: (context) => inputs(resolve(context.baseDirectory, path), manifest, context),
    async make(build) {
      build.say('copying')
      // This process reads the directory, because the namespace's root may not have access. Files are copied, because they
      // may change at any time. A directory of root keeps its owners; otherwise root owns all files in the tree
      const owner = process.getuid?.() === 0 ? [] : ['--owner=0', '--group=0']
      const from = resolve(build.baseDirectory, path)
      const argv = ['--create', '--sparse', '--numeric-owner', ...XATTRS, ...owner, '-C', from, '.']
      const reader = await startChild<Reader>('tar', argv, { stdio: ['ignore', 'pipe', 'pipe'] })
      const ended = once(reader, 'close')
      const unpack =
        'mkdir root && exec tar --extract --numeric-owner --preserve-permissions "$@" -C root'
      // Read from now on: when a child exits, Node discards output that has no reader (flushStdio in its child_process.js)
      const input = reader.stdout.pipe(new PassThrough())
      const result = await build
        .onHost(['sh', '-c', unpack, 'sh', ...XATTRS], { input })
        .finally(() => input.readableEnded || reader.kill('SIGKILL'))
      const [exitCode] = await ended
      if (result.exitCode !== 0) throw runFailed('copying', result)
      // 1: a file changed while it was read
      if (exitCode !== 0) throw changedMeanwhile(path)
    },
  }
}

type Reader = ChildProcessByStdio<null, Readable, Readable>

function changedMeanwhile(path: string): ClusterError {
  return new ClusterError({
    code: 'TREE_FAILED',
    message: `the directory ${path} could not be copied: its files are changing, or some cannot be read`,
    fix: 'Check that the tool that writes the directory has finished, and that you may read all files.',
  })
}

async function inputs(
  path: string,
  manifest: string | undefined,
  context: StepContext,
): Promise<Inputs> {
  try {
    if (manifest !== undefined) {
      const file = resolve(context.baseDirectory, manifest)
      return lines(await readFile(file))
    }
    const files = await context.hashes.tree(path)
    if (files.size > 1)
      return Object.fromEntries([...files].map(([name, what]) => [`/${name}`, what]))
  } catch (cause) {
    throw unreadable('the tree', context, cause)
  }
  throw new ClusterError({
    code: 'INVALID_DEFINITION',
    message: `${path} is empty or not a directory`,
    fix: 'Create the root file system in this directory first, with the tool that builds it.',
  })
}

/** The lines of a manifest in the format of sha256sum(1), so that changes can be reported; else its digest. */
function lines(text: Buffer): Inputs {
  const each = nameOf(text).split('\n').filter(Boolean)
  const pairs = each.flatMap((line) => {
    const match = /^([0-9a-f]{32,128}) [ *](.+)$/.exec(line)
    return match ? [[`/${(match[2] ?? '').replace(/^(\.?\/)/, '')}`, match[1] ?? ''] as const] : []
  })
  return pairs.length === each.length ? Object.fromEntries(pairs) : { manifest: sha256(text) }
}
