import { randomBytes } from 'node:crypto'
import type { FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { follow, range } from '../disk/follow.ts'
import { HeldDirectory } from '../disk/held-directory.ts'
import { seenByManager } from '../isolation/confine.ts'
import { TAIL_BYTES } from '../logs/service-log.ts'
import type { SessionGround } from '../plan/session-plan.ts'
import { withShortage } from '../shortage/explain.ts'

/** The outputs of a program of `exec`. */
export type Output = 'stdout' | 'stderr'
type Name = 'stdin' | Output

/**
 * The standard input and outputs of a program of `exec`: files that the run creates and keeps open. Files that a service
 * puts in their places are neither read nor removed. Files of any length are read in pieces.
 */
export class ExecFiles {
  /** Identifies the program, also in its unit's name. */
  readonly id = randomBytes(5).toString('hex')
  /** The files' paths as the session's manager sees them. */
  readonly paths: Readonly<Partial<Record<Name, string>> & Record<Output, string>>
  readonly #names: readonly Name[]
  readonly #directories: HeldDirectory[] = []
  readonly #files = new Map<Name, FileHandle>()

  /** @param input whether to create a file for standard input, too */
  static async make(plan: SessionGround, input: boolean): Promise<ExecFiles> {
    const names: Name[] = input ? ['stdin', 'stdout', 'stderr'] : ['stdout', 'stderr']
    const files = new ExecFiles(seenByManager(plan).output, names)
    try {
      await files.#make(plan)
      return files
    } catch (error) {
      await files.remove()
      throw error
    }
  }

  private constructor(seen: string, names: readonly Name[]) {
    this.#names = names
    const paths = names.map((name) => [name, join(seen, this.id, name)])
    this.paths = Object.fromEntries(paths) as ExecFiles['paths']
  }

  /** Writes standard input, before the program starts. */
  async write(input: AsyncIterable<Uint8Array>): Promise<void> {
    await this.#file('stdin')
      .writeFile(input)
      .catch((error: unknown) => {
        throw withShortage(error)
      })
  }

  async size(name: Output): Promise<number> {
    return (await this.#file(name).stat()).size
  }

  /** What was written until now, up to a number of bytes. */
  read(name: Output, limit: number): Promise<Buffer> {
    return range(this.#file(name), 0, limit)
  }

  /** What is written until `ended` settles, in pieces. */
  async *follow(name: Output, ended: Promise<unknown>): AsyncGenerator<Buffer> {
    try {
      for await (const piece of follow(this.#file(name), { until: ended }))
        if (piece.length > 0) yield piece
    } catch (error) {
      throw withShortage(error)
    }
  }

  /** The end of what was written, for an error. */
  async end(name: Output): Promise<string> {
    const size = await this.size(name)
    const from = Math.max(0, size - TAIL_BYTES)
    return (await range(this.#file(name), from, size)).toString()
  }

  async remove(): Promise<void> {
    const [parent, directory] = this.#directories
    for (const name of this.#names) await directory?.remove(name).catch(() => {})
    await parent?.removeDirectory(this.id).catch(() => {})
    for (const held of [...this.#files.values(), ...this.#directories]) await held.close()
  }

  #file(name: Name): FileHandle {
    const file = this.#files.get(name)
    if (!file) throw new Error(`no file ${name}`)
    return file
  }

  async #make({ paths, owner }: SessionGround): Promise<void> {
    const parent = await HeldDirectory.openBelow(paths.directory, paths.output)
    this.#directories.push(parent)
    const directory = await parent.below(this.id, { mode: 0o700, owner })
    this.#directories.push(directory)
    for (const name of this.#names) {
      // Only its owner enters the directory. A program of another account may open /dev/stdin or /dev/stdout
      const mode = name === 'stdin' ? 0o644 : 0o622
      this.#files.set(name, await directory.create(name, mode, owner))
    }
  }
}
