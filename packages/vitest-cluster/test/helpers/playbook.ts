import { chown, mkdir, mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { execa } from 'execa'
import { type PlaybookOptions, playbook } from '../../src/definition/tree-playbook.ts'
import { FileHashes } from '../../src/tree/build/hashes.ts'
import { machineIds } from '../../src/tree/build/ids.ts'
import type { Inputs } from '../../src/tree/build/step.ts'
import { workspace } from '../../src/tree/build/workspace.ts'
import { playbookStep } from '../../src/tree/layer/playbook.ts'
import { removeAsCleaner, temporaryDirectory } from './temporary.ts'

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

/** A small tree that many builds are made on. */
export class LowerTree {
  readonly #directory: string

  constructor(directory: string) {
    this.#directory = directory
  }

  /** Debian's essential packages and those named. */
  static async make(packages: readonly string[]): Promise<LowerTree> {
    const ids = await machineIds()
    const directory = await mkdtemp(join(tmpdir(), 'vct-'))
    await execa('chmod', ['711', directory])
    const lower = join(directory, 'lower')
    await mkdir(join(lower, 'root'), { recursive: true })
    if (ids.base !== undefined) await execa('chown', ['-R', `${ids.base}:${ids.base}`, lower])
    const tree = new LowerTree(directory)
    const build = workspace({
      ...tree.#common,
      ...ids,
      directory: lower,
      lower: undefined,
      say() {},
    })
    const include = packages.length > 0 ? [`--include=${packages.join(',')}`] : []
    const { exitCode, lines } = await build.onHost(
      [
        'mmdebstrap',
        '--mode=root',
        '--variant=essential',
        ...include,
        '--format=directory',
        'trixie',
        'root',
      ],
      { network: true },
    )
    if (exitCode !== 0) throw new Error(lines.join('\n'))
    return tree
  }

  get #common() {
    const baseDirectory = this.#directory
    return { baseDirectory, hashes: new FileHashes(), downloads: this.#directory }
  }

  /** Runs a playbook on it. Says what was said, and what programs of the tree print afterwards. */
  async apply(baseDirectory: string, path: string, options: PlaybookOptions = {}) {
    const ids = await machineIds()
    const directory = await mkdtemp(join(this.#directory, 'build-'))
    await execa('chmod', ['711', directory])
    if (ids.base !== undefined) await chown(directory, ids.base, ids.base)
    const said: string[] = []
    const build = workspace({
      ...this.#common,
      ...ids,
      baseDirectory,
      directory,
      lower: '../lower/root',
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
