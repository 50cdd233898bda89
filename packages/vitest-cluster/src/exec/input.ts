import type { ExecInput } from '../definition/exec.ts'
import { shown } from '../definition/refuse.ts'
import { ClusterError, isClusterError, messageOf } from '../errors.ts'
import { clearTimeout, setTimeout } from '../timers.ts'

/**
 * The bytes of an input, in pieces. An input that does not end in time is abandoned.
 * @param timeout milliseconds for the whole input
 * @throws ClusterError `EXEC_FAILED` for a piece that is neither text nor bytes, what the input throws, and a time-out
 */
export async function* inputPieces(
  input: ExecInput,
  { service, timeout }: { readonly service: string; readonly timeout: number },
): AsyncGenerator<Uint8Array> {
  const fail = (message: string, fix: string, cause?: unknown) =>
    new ClusterError({ code: 'EXEC_FAILED', service, message, fix }, { cause })
  if (typeof input === 'string' || ArrayBuffer.isView(input)) {
    yield bytes(input)
    return
  }
  const deadline = new Deadline(timeout, () => {
    const fix = 'End the input, or give exec a longer timeout (milliseconds).'
    return fail(`the input of exec did not end within ${timeout} ms`, fix)
  })
  const iterator = iteratorOf(input)
  let whole = false
  try {
    for (;;) {
      const { done, value } = await deadline.race(iterator.next())
      whole = done === true
      if (done) return
      if (typeof value !== 'string' && !ArrayBuffer.isView(value)) {
        const fix = 'Give strings, or Uint8Arrays such as Buffers.'
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
    throw fail(message, 'No program was run. Check the source of the input.', error)
  } finally {
    deadline.end()
    if (!whole) leave(input, iterator)
  }
}

/** A deadline for many promises. Promise.race() with a pending promise would keep the results of all others in memory. */
class Deadline {
  readonly #timer: NodeJS.Timeout
  #missed: ClusterError | undefined
  #reject: (error: unknown) => void = () => {}

  constructor(timeout: number, error: () => ClusterError) {
    this.#timer = setTimeout(() => {
      this.#missed = error()
      this.#reject(this.#missed)
    }, timeout)
  }

  race<T>(work: T | PromiseLike<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#reject = reject
      if (this.#missed) reject(this.#missed)
      Promise.resolve(work).then(resolve, reject)
    })
  }

  end(): void {
    clearTimeout(this.#timer)
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
