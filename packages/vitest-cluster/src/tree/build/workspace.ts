import { join } from 'node:path'
import type { Namespace } from './namespace.ts'
import type { Build, RunOptions } from './step.ts'

export interface Workspace
  extends Namespace,
    Pick<Build, 'baseDirectory' | 'hashes' | 'downloads' | 'say'> {
  /** `say` by default. */
  note?(message: string): void
}

/** The interface that a step builds with. The directory exists and belongs to the namespace's root. */
export function workspace(options: Workspace): Build {
  const { base, directory, say } = options
  // Loaded when needed: a layer of files does not need it
  const run = async (where: 'host' | 'tree', argv: readonly string[], how?: RunOptions) =>
    (await import('./namespace.ts')).runInNamespace(options, where, argv, how)
  return {
    note: say,
    ...options,
    root: 'root',
    onHost: (argv, how) => run('host', argv, how),
    inTree: (argv, how) => run('tree', argv, how),
    async adopt(path) {
      if (base === undefined) return
      const { execa } = await import('execa')
      await execa('chown', ['-R', '--no-dereference', `${base}:${base}`, join(directory, path)])
    },
  }
}
