import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type PlaybookOptions, playbook } from '../../src/definition/tree-playbook.ts'
import { FileHashes } from '../../src/tree/build/hashes.ts'
import { machineIds } from '../../src/tree/build/ids.ts'
import type { Inputs } from '../../src/tree/build/step.ts'
import { workspace } from '../../src/tree/build/workspace.ts'
import { playbookStep } from '../../src/tree/layer/playbook.ts'
import type { DebianCache } from './debian.ts'
import { temporaryDirectory } from './temporary.ts'

/** Files by their path. */
export type Project = Readonly<Record<string, string>>

/** A directory in place of that of a cluster.config.ts. */
export async function project(files: Project): Promise<string> {
  const directory = await temporaryDirectory()
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(directory, path)), { recursive: true })
    await writeFile(join(directory, path), content)
  }
  return directory
}

/** A playbook of one play with these tasks, facts left out. */
export function tasks(yaml: string): { 'site.yml': string } {
  const lines = yaml.replace(/^\n/, '').trimEnd().split('\n')
  const play = ['- hosts: all', '  gather_facts: false', '  tasks:']
  return { 'site.yml': [...play, ...lines.map((line) => `    ${line}`)].join('\n') }
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

/** The same lock for every step: this cache has no concurrent builds. */
const WANTED = '0'.repeat(32)

/**
 * Applies playbooks to the Debian of a cache. The result is not kept: tests look only at what the playbooks print and
 * do.
 */
export class LowerTree {
  readonly #cache: DebianCache

  constructor(cache: DebianCache) {
    this.#cache = cache
  }

  /** Runs a playbook on the Debian. Returns its messages, and the output of programs of the tree afterwards. */
  async apply(baseDirectory: string, path: string, options: PlaybookOptions = {}) {
    const { store, debian } = this.#cache
    const ids = await machineIds()
    const said: string[] = []
    const build = workspace({
      ...ids,
      baseDirectory,
      hashes: new FileHashes(),
      downloads: store.downloads,
      directory: await store.buildDirectory(WANTED, ids.base),
      lower: `../../entries/${debian}/root`,
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
}
