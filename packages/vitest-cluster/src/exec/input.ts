import type { ExecInput } from '../definition/exec.ts'
import { shown } from '../definition/refuse.ts'
import { ClusterError, isClusterError, messageOf } from '../errors.ts'

/**
 * The bytes of an input, in pieces. What comes after the program's end is abandoned.
 * @param ended settles when the program has ended
 * @throws ClusterError `EXEC_FAILED` for a piece that is neither text nor bytes, and for what the input throws
 */
export async function* inputPieces(
  input: ExecInput,
  { service, ended }: { readonly service: string; readonly ended: Promise<unknown> },
): AsyncGenerator<Uint8Array> {
  if (typeof input === 'string' || ArrayBuffer.isView(input)) {
    yield bytes(input)
    return
  }
  const fail = (message: string, fix: string, cause?: unknown) =>
    new ClusterError({ code: 'EXEC_FAILED', service, message, fix }, { cause })
  const until = new Until(ended)
  const iterator = iteratorOf(input)
  let whole = false
  try {
    for (;;) {
      const next = await until.race(iterator.next())
      whole = next?.done === true
      if (next === undefined || next.done) return
      const { value } = next
      if (typeof value !== 'string' && !ArrayBuffer.isView(value)) {
        const fix = 'The program was stopped. Give strings, or Uint8Arrays such as Buffers.'
        throw fail(
          `the input of exec has the piece ${shown(value)}, which is neither text nor bytes`,
          fix,
        )
      }
      yield bytes(value)
    }
  } catch (error) {
    if (isClusterError(error)) throw error
    const message = `the input of exec ended with an error: ${messageOf(error)}`
    throw fail(message, 'The program was stopped. Check the source of the input.', error)
  } finally {
    if (!whole) leave(input, iterator)
  }
}

/** The end of many waits. Promise.race() with a pending promise would keep the results of all others in memory. */
class Until {
  #over = false
  #stop: () => void = () => {}

  constructor(ended: Promise<unknown>) {
    const end = () => {
      this.#over = true
      this.#stop()
    }
    ended.then(end, end)
  }

  /** The result of the work; undefined if the end comes first. */
  race<T>(work: T | PromiseLike<T>): Promise<T | undefined> {
    return new Promise((resolve, reject) => {
      this.#stop = () => resolve(undefined)
      if (this.#over) resolve(undefined)
      Promise.resolve(work).then(resolve, reject)
    })
  }
}

/** Abandons an input. Not awaited: a generator returns only when the promise that it awaits settles. */
function leave(input: object, iterator: { return?(): unknown }): void {
  if ('destroy' in input && typeof input.destroy === 'function') input.destroy()
  else void Promise.resolve(iterator.return?.()).catch(() => {})
}

/**
 * Handles errors of the given streams from the start: a stream that fails before it is used (a file that does not exist)
 * would end the process. Its user still gets the error.
 */
export function holdErrors(options: unknown): void {
  const { input, stdout, stderr } = Object(options) as Record<string, unknown>
  for (const stream of [input, stdout, stderr]) {
    const { on } = Object(stream) as { on?: unknown }
    if (typeof on === 'function') on.call(stream, 'error', () => {})
  }
}

function iteratorOf(input: Exclude<ExecInput, string | Uint8Array>) {
  return Symbol.asyncIterator in input ? input[Symbol.asyncIterator]() : input[Symbol.iterator]()
}

function bytes(piece: string | ArrayBufferView): Uint8Array {
  if (typeof piece === 'string') return Buffer.from(piece)
  return new Uint8Array(piece.buffer, piece.byteOffset, piece.byteLength)
}
