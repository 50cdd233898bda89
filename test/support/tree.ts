import { chmod, mkdir, mkdtemp, readdir, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { removeAsCleaner } from '../../packages/vitest-cluster/test/helpers/temporary.ts'
import { type CliResult, Shell } from './cli.ts'
import { project } from './project.ts'
import { tree } from './projects/tree.ts'

/** The output of `tree --json`. */
export interface PrintedTree {
  readonly path: string
  readonly digest: string
  readonly key: string
  readonly size: number
  readonly files: number
  readonly steps: readonly { title: string; key: string; state: 'cached' | 'made' }[]
  readonly saved: number
  readonly verified: boolean
}

/** A shell in the project `tree`, with a separate cache and the directory from which the tree is made. */
export class TreeShell {
  readonly shell: Shell
  /** XDG_CACHE_HOME. */
  readonly cache: string
  readonly source: string

  static async open(): Promise<TreeShell> {
    const directory = await mkdtemp(join(tmpdir(), 'vc-tree-'))
    onTestFinished(() => removeAsCleaner(directory))
    // Root's trees are copied by another uid, which has to enter this directory
    await chmod(directory, 0o755)
    const source = join(directory, 'source')
    for (const name of ['etc', 'usr/bin', 'usr/lib']) {
      await mkdir(join(source, name), { recursive: true })
      // Independent of the umask
      await chmod(join(source, name), 0o755)
    }
    await writeFile(join(source, 'etc/passwd'), 'root:x:0:0::/root:/bin/sh\n')
    await writeFile(join(source, 'usr/lib/data'), 'x'.repeat(100_000))
    await chmod(join(source, 'usr/lib/data'), 0o444)
    return new TreeShell(await Shell.open(project(tree)), join(directory, 'cache'), source)
  }

  private constructor(shell: Shell, cache: string, source: string) {
    this.shell = shell
    this.cache = cache
    this.source = source
  }

  /** The environment of commands, including the content of the layer's file. */
  env(motd = 'hello\n') {
    return { XDG_CACHE_HOME: this.cache, TREE_DIRECTORY: this.source, TREE_MOTD: motd }
  }

  run(...argv: readonly string[]): Promise<CliResult> {
    return this.shell.start(argv, { env: this.env() }).ended
  }

  /** Builds the tree, or finds it in the cache. */
  async tree(motd?: string): Promise<PrintedTree> {
    const { ended } = this.shell.start(['tree', '--json'], { env: this.env(motd) })
    const { stdout, stderr, exitCode } = await ended
    if (exitCode !== 0) throw new Error(stderr)
    return JSON.parse(stdout)
  }

  /** The entries of a directory of the cache of trees. */
  async list(name: 'building' | 'entries' | 'locks' | 'resolved' | 'uses'): Promise<string[]> {
    return (await readdir(join(this.cache, 'vitest-cluster/trees', name))).sort()
  }
}
