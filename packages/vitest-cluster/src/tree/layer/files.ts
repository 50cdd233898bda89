import { join } from 'node:path'
import type { FilesLayer } from '../../definition/tree.ts'
import { sha256 } from '../build/hashes.ts'
import type { Inputs, Step, StepContext } from '../build/step.ts'
import { contentOf, optionsOf, walk } from './file-source.ts'

/** Files that are written into a tree, without running a program in it. */
export function filesStep({ files }: FilesLayer): Step {
  const paths = Object.keys(files)
  const title = paths.length === 1 ? `file ${paths[0]}` : `files (${paths.length})`
  return {
    kind: 'files',
    title,
    inputs: (context) => inputs(files, context),
    async patch({ path }, context) {
      const { patchFiles } = await import('./files-patch.ts')
      return patchFiles(path, files, context)
    },
    async make() {
      throw new Error('a layer of files is applied by its patch')
    },
  }
}

async function inputs(files: FilesLayer['files'], context: StepContext): Promise<Inputs> {
  const each = await Promise.all(
    Object.entries(files).map(async ([path, source]) => {
      const { owner, mode } = optionsOf(source)
      const suffix = ` ${owner} ${mode ?? ''}`
      const content = contentOf(source)
      if (content !== undefined) return [[`file ${path}`, `${sha256(content)}${suffix}`] as const]
      const found = await walk(path, source, context)
      return [...found].map(
        ([name, what]) => [`file ${join(path, name)}`, `${what}${suffix}`] as const,
      )
    }),
  )
  return Object.fromEntries(each.flat())
}
