import { randomBytes } from 'node:crypto'
import type { FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { range } from '../disk/follow.ts'
import { HeldDirectory } from '../disk/held-directory.ts'
import { seenByManager } from '../isolation/confine.ts'
import { TAIL_BYTES } from '../logs/service-log.ts'
import type { ProgramOutput } from '../plan/program.ts'
import type { SessionGround } from '../plan/session-plan.ts'
import { withShortage } from '../shortage/explain.ts'
import { InputFifo, makeFifos, OutputFifo } from './fifo.ts'

/** The outputs of a program of `exec`; `all`: both of them, in the order in which they are written. */
export type Output = 'stdout' | 'stderr' | 'all'

/** What a program needs. An output that is read while the program runs is `live`. */
export interface Wiring {
  readonly input: boolean
  readonly outputs: readonly { readonly name: Output; readonly live: boolean }[]
}

/** The size and the end of what has passed. */
class Passed {
  size = 0
  #pieces: Buffer[] = []
  #held = 0

  add(piece: Buffer): void {
    this.size += piece.length
    this.#held += piece.length
    this.#pieces.push(piece)
    for (;;) {
      const rest = this.#held - (this.#pieces[0]?.length ?? 0)
      if (rest < TAIL_BYTES) return
      this.#pieces.shift()
      this.#held = rest
    }
  }

  get end(): Buffer {
    return Buffer.concat(this.#pieces).subarray(-TAIL_BYTES)
  }
}

/**
 * The standard input and outputs of a program of `exec`: FIFOs for what passes while it runs, otherwise files. The run
 * creates them and keeps them open. Files that a service puts in their places are neither read nor removed.
 */
export class ExecFiles {
  /** Identifies the program, also in its unit's name. */
  readonly id = randomBytes(5).toString('hex')
  /** Where the session's manager finds them. */
  readonly paths: {
    readonly stdin?: string
    readonly stdout: ProgramOutput
    readonly stderr: ProgramOutput
  }
  readonly #wiring: Wiring
  readonly #directories: HeldDirectory[] = []
  readonly #files = new Map<Output, FileHandle>()
  readonly #fifos = new Map<Output, OutputFifo>()
  readonly #passed = new Map<Output, Passed>()
  #input: InputFifo | undefined

  static async make(plan: SessionGround, wiring: Wiring): Promise<ExecFiles> {
    const files = new ExecFiles(seenByManager(plan).output, wiring)
    try {
      await files.#make(plan)
      return files
    } catch (error) {
      await files.remove()
      throw withShortage(error)
    }
  }

  private constructor(seen: string, wiring: Wiring) {
    this.#wiring = wiring
    const pathOf = (output: Output): ProgramOutput => {
      const [both] = wiring.outputs.filter(({ name }) => name === 'all')
      return `file:${join(seen, this.id, both?.name ?? output)}`
    }
    const stdin = wiring.input ? { stdin: join(seen, this.id, 'stdin') } : {}
    this.paths = { ...stdin, stdout: pathOf('stdout'), stderr: pathOf('stderr') }
  }

  /** Passes an input to the program, which runs. Resolves when the program has all of it, or reads no more. */
  async feed(input: AsyncIterable<Uint8Array>): Promise<void> {
    await this.#input?.write(input)
  }

  /** Abandons the rest of the input: the program has ended. */
  endInput(): void {
    this.#input?.close()
  }

  /** How many bytes the program wrote. */
  async size(name: Output): Promise<number> {
    const passed = this.#passed.get(name)?.size ?? 0
    return (await this.#files.get(name)?.stat())?.size ?? passed
  }

  /** Whether the program wrote anything. */
  async wrote(): Promise<boolean> {
    const sizes = await Promise.all(this.#wiring.outputs.map(({ name }) => this.size(name)))
    return sizes.some((size) => size > 0)
  }

  /** What was written to a file until now, up to a number of bytes. */
  async read(name: Output, limit: number): Promise<Buffer> {
    const file = this.#files.get(name)
    return file ? range(file, 0, limit) : Buffer.alloc(0)
  }

  /** What is written to a live output until `ended` settles, in pieces. */
  async *follow(name: Output, ended: Promise<unknown>): AsyncGenerator<Buffer> {
    const passed = new Passed()
    this.#passed.set(name, passed)
    for await (const piece of this.#fifos.get(name)?.follow(ended) ?? []) {
      passed.add(piece)
      yield piece
    }
  }

  /** The end of what was written, for an error. */
  async end(): Promise<string> {
    const ends = this.#wiring.outputs.map(async ({ name }) => {
      const file = this.#files.get(name)
      if (!file) return this.#passed.get(name)?.end ?? ''
      const size = await this.size(name)
      return range(file, Math.max(0, size - TAIL_BYTES), size)
    })
    return (await Promise.all(ends)).join('\n')
  }

  async remove(): Promise<void> {
    for (const each of [this.#input, ...this.#fifos.values()]) each?.close()
    const [parent, directory] = this.#directories
    for (const name of ['stdin', ...this.#wiring.outputs.map((output) => output.name)])
      await directory?.remove(name).catch(() => {})
    await parent?.removeDirectory(this.id).catch(() => {})
    for (const held of [...this.#files.values(), ...this.#directories]) await held.close()
  }

  async #make({ paths, owner }: SessionGround): Promise<void> {
    const parent = await HeldDirectory.openBelow(paths.directory, paths.output)
    this.#directories.push(parent)
    const directory = await parent.below(this.id, { mode: 0o700, owner })
    this.#directories.push(directory)
    const { input, outputs } = this.#wiring
    const live = outputs.flatMap((output) => (output.live ? output.name : []))
    const fifos = [...(input ? ['stdin'] : []), ...live]
    if (fifos.length > 0) await makeFifos(directory, fifos)
    if (input) this.#input = new InputFifo(directory, 'stdin', owner)
    for (const name of live) this.#fifos.set(name, new OutputFifo(directory, name, owner))
    for (const { name } of outputs) {
      // Only its owner enters the directory. A program of another account may open /dev/stdout
      if (!live.includes(name)) this.#files.set(name, await directory.create(name, 0o622, owner))
    }
  }
}
