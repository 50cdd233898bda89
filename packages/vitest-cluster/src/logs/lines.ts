/** A longer line becomes several, to limit the memory. */
const LINE_MAX = 1024 * 1024

/** Splits text that arrives in pieces into lines. Does not cut characters of several bytes. */
export class Lines {
  #rest: Buffer = Buffer.alloc(0)

  /** The lines that end in this piece, without their newlines. */
  push(piece: Buffer): string[] {
    const bytes = this.#rest.length > 0 ? Buffer.concat([this.#rest, piece]) : piece
    const end = bytes.lastIndexOf(0x0a)
    const whole = end < 0 ? [] : bytes.toString('utf8', 0, end).split('\n')
    // Copied: a short rest must not keep a whole piece in memory
    this.#rest = Buffer.from(bytes.subarray(end + 1))
    if (this.#rest.length < LINE_MAX) return whole
    const cut = characterEnd(this.#rest)
    whole.push(this.#rest.toString('utf8', 0, cut))
    this.#rest = Buffer.from(this.#rest.subarray(cut))
    return whole
  }

  /** The text after the last newline. */
  get rest(): string {
    return this.#rest.toString()
  }
}

/** The end of the last whole character of UTF-8: bytes 10xxxxxx continue a character (utf-8(7)). */
function characterEnd(bytes: Buffer): number {
  for (let start = bytes.length - 1; start >= bytes.length - 4; start--) {
    const byte = bytes[start] ?? 0
    if (byte < 0x80) return start + 1
    if (byte >= 0xc0) return start
  }
  return bytes.length
}
