import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type PlaybookOptions, playbook } from '../../src/definition/tree-playbook.ts'
import { FileHashes } from '../../src/tree/build/hashes.ts'
import { machineIds } from '../../src/tree/build/ids.ts'
import type { Inputs } from '../../src/tree/build/step.ts'
import { workspace } from '../../src/tree/build/workspace.ts'
import { archiveTree } from '../../src/tree/define.ts'
import { playbookStep } from '../../src/tree/layer/playbook.ts'
import { debianArchive } from './debian.ts'
import { removeAsCleaner, temporaryDirectory } from './temporary.ts'
import { Cache } from './trees.ts'

/** Files by their path. */
export type Project = Readonly<Record<string, string>>

/** A directory that stands for that of a cluster.config.ts. */
export async function project(files: Project): Promise<string> {
  const directory = await temporaryDirectory()
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(directory, path)), { recursive: true })
    await writeFile(join(directory, path), content)
  }
  return directory
}

/** The inputs of a layer whose playbook is there. */
export async function inputsOf(
  baseDirectory: string,
  path: string,
  options: PlaybookOptions = {},
): Promise<Inputs> {
  const context = { baseDirectory, hashes: new FileHashes() }
  return playbookStep(playbook(path, options)).inputs(context)
}

/** A real Debian that many builds are made on. */
export class LowerTree {
  readonly #directory: string
  readonly #cache: Cache
  readonly #key: string

  private constructor(directory: string, cache: Cache, key: string) {
    this.#directory = directory
    this.#cache = cache
    this.#key = key
  }

  static async make(): Promise<LowerTree> {
    const directory = await mkdtemp(join(tmpdir(), 'vct-'))
    const cache = new Cache(directory)
    const { key } = await cache.build(archiveTree(await debianArchive()))
    if (key === undefined) throw new Error('a tree of an archive has an entry')
    return new LowerTree(directory, cache, key)
  }

  /** Runs a playbook on it. Says what was said, and what programs of the tree print afterwards. */
  async apply(baseDirectory: string, path: string, options: PlaybookOptions = {}) {
    const ids = await machineIds()
    const { store } = this.#cache
    const directory = await store.workplace(randomBytes(16).toString('hex'), ids.base)
    const said: string[] = []
    const build = workspace({
      ...ids,
      baseDirectory,
      hashes: new FileHashes(),
      downloads: store.downloads,
      directory,
      lower: `../../entries/${this.#key}/root`,
      say: (message) => said.push(message),
    })
    await playbookStep(playbook(path, options)).make(build)
    return {
      said,
      async shell(script: string): Promise<string> {
        const { stdout, lines, exitCode } = await build.inTree(['sh', '-euc', script])
        if (exitCode !== 0) throw new Error(lines.join('\n'))
        return stdout
      },
    }
  }

  async remove(): Promise<void> {
    await removeAsCleaner(this.#directory)
  }
}
