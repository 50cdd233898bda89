import { execFile } from 'node:child_process'
import { copyFile, readdir, realpath, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { FilesLayer, TreeDefinition } from '../../src/definition/tree.ts'
import { files } from '../../src/definition/tree-layers.ts'
import { makePath, writeWithMode } from '../../src/disk/modes.ts'
import { TreeStore } from '../../src/tree/cache/store.ts'
import { directoryTree, type Tree } from '../../src/tree/define.ts'
import type { BuiltTree } from '../../src/tree/make/build.ts'
import { type BuildOptions, buildTree } from '../../src/tree/make/build.ts'
import type { TreeEvent } from '../../src/tree/progress.ts'
import { temporaryDirectory } from './temporary.ts'

/** A root file system with one static program, busybox(1): a dozen files, so that tests of the cache are fast. */
export async function busyboxTree(): Promise<{ tree: Tree; path: string }> {
  const path = join(await temporaryDirectory(), 'root')
  for (const name of [
    'usr/bin',
    'etc',
    'usr/share/data',
    'var/lib',
    'tmp',
    'proc',
    'sys',
    'dev',
    'run',
  ])
    await makePath(join(path, name), 0o755)
  await symlink('usr/bin', join(path, 'bin'))
  await copyFile('/usr/bin/busybox', join(path, 'bin/busybox'))
  const { stdout } = await promisify(execFile)('/usr/bin/busybox', ['--list'])
  for (const name of stdout.trim().split('\n'))
    await symlink('busybox', join(path, 'bin', name)).catch(() => {})
  const write = (name: string, text: string) => writeWithMode(join(path, name), text, 0o644)
  await write('etc/passwd', 'root:x:0:0:root:/root:/bin/sh\ndaemon:x:1:1::/:/bin/sh\n')
  await write('etc/group', 'root:x:0:\ndaemon:x:1:\nstaff:x:50:\n')
  await write('etc/motd', 'below\n')
  await write('var/lib/some', '')
  for (let i = 0; i < 20; i++) await write(`usr/share/data/${i}`, `${i}\n`)
  return { tree: directoryTree(path), path }
}

/** Programs of this machine with their libraries, for a tree that has none. */
export async function programsOfHost(...paths: readonly string[]): Promise<FilesLayer> {
  const { stdout } = await promisify(execFile)('ldd', paths)
  const libraries = [...stdout.matchAll(/(\/\S+)(?= \()/g)].map(([, path = '']) => path)
  const all = [...paths, ...libraries].map(async (path) => {
    const from = await realpath(path)
    return [path, { from, mode: 0o755 }] as const
  })
  return files(Object.fromEntries(await Promise.all(all)))
}

/** A separate cache for a test. */
export class Cache {
  readonly store: TreeStore
  readonly events: TreeEvent[] = []

  constructor(directory: string) {
    this.store = new TreeStore(join(directory, 'cache', 'trees'))
  }

  static async open(): Promise<Cache> {
    return new Cache(await temporaryDirectory())
  }

  /** Builds a tree in the cache, like a new process that holds nothing from earlier builds. */
  async build(tree: TreeDefinition, options: BuildOptions = {}): Promise<BuiltTree> {
    this.events.length = 0
    const progress = (event: TreeEvent) => void this.events.push(event)
    const built = await buildTree(tree, { progress, ...options, store: this.store })
    await built.release()
    return built
  }

  /** The messages of the last build about the steps that it made. */
  get begun(): string[] {
    return this.events.flatMap(({ kind, step, message }) =>
      kind === 'begin' ? `${step}: ${message}` : [],
    )
  }

  /** Traces of unfinished builds. */
  unfinished(): Promise<string[]> {
    return readdir(join(this.store.directory, 'building'))
  }
}
