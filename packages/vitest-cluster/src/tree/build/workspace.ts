import { join } from 'node:path'
import type { Uids } from '../../definition/service.ts'
import type { Build, RunOptions, StepContext } from './step.ts'

export interface Workspace extends StepContext {
  readonly directory: string
  /** The tree that a layer is made on, relative to `directory`; undefined for a base. */
  readonly lower: string | undefined
  readonly uids: Uids
  /** The first uid of the range that root's trees belong to. */
  readonly base: number | undefined
  readonly downloads: string
  say(message: string): void
  /** `say` by default. */
  note?(message: string): void
}

/** What a step is given to work with. The directory exists and belongs to the namespace's root. */
export function workspace(options: Workspace): Build {
  const {
    baseDirectory,
    hashes,
    directory,
    downloads,
    uids,
    base,
    lower,
    say,
    note = say,
  } = options
  const namespace = { uids, base, directory, lower }
  // Loaded when needed: a changed file is written without
  const run = async (where: 'host' | 'tree', argv: readonly string[], options?: RunOptions) =>
    (await import('./namespace.ts')).runInNamespace(namespace, where, argv, options)
  return {
    baseDirectory,
    hashes,
    directory,
    root: 'root',
    downloads,
    uids,
    onHost: (argv, options) => run('host', argv, options),
    inTree: (argv, options) => run('tree', argv, options),
    async adopt(path) {
      if (base === undefined) return
      const { execa } = await import('execa')
      await execa('chown', ['-R', '--no-dereference', `${base}:${base}`, join(directory, path)])
    },
    say,
    note,
  }
}
