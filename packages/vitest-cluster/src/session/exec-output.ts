import { randomBytes } from 'node:crypto'
import type { FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { HeldDirectory } from '../disk/held-directory.ts'
import { seenByManager } from '../isolation/confine.ts'
import type { SessionInfo } from './info.ts'

const FILES = ['stdout', 'stderr'] as const

/**
 * Where a program of `exec` writes: two files that the run makes and keeps open. What a service may put in their
 * places is neither read nor removed.
 */
export class ExecOutput {
  /** Tells one program from another, in its unit's name too. */
  readonly id = randomBytes(5).toString('hex')
  /** The files' paths as the session's manager sees them. */
  readonly paths: { readonly stdout: string; readonly stderr: string }
  readonly #directories: HeldDirectory[] = []
  readonly #files: FileHandle[] = []

  static async make(info: Pick<SessionInfo, 'facts' | 'surroundings'>): Promise<ExecOutput> {
    const output = new ExecOutput(seenByManager(info.surroundings).output)
    try {
      await output.#make(info)
      return output
    } catch (error) {
      await output.remove()
      throw error
    }
  }

  private constructor(seen: string) {
    this.paths = { stdout: join(seen, this.id, 'stdout'), stderr: join(seen, this.id, 'stderr') }
  }

  /** What was written until now. */
  async read(): Promise<{ readonly stdout: string; readonly stderr: string }> {
    const [stdout = '', stderr = ''] = await Promise.all(
      this.#files.map((file) => file.readFile('utf8')),
    )
    return { stdout, stderr }
  }

  async remove(): Promise<void> {
    const [parent, directory] = this.#directories
    for (const name of FILES) await directory?.remove(name).catch(() => {})
    await parent?.removeDirectory(this.id).catch(() => {})
    for (const held of [...this.#files, ...this.#directories]) await held.close()
  }

  async #make({ facts, surroundings }: Pick<SessionInfo, 'facts' | 'surroundings'>): Promise<void> {
    const owner = { uid: facts.uid, gid: facts.gid }
    const parent = await HeldDirectory.openBelow(facts.directory, surroundings.output)
    this.#directories.push(parent)
    const directory = await parent.below(this.id, { mode: 0o700, owner })
    this.#directories.push(directory)
    for (const name of FILES) this.#files.push(await directory.create(name, 0o600, owner))
  }
}
