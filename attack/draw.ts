import { createHash } from 'node:crypto'

/** A number from 0 to below 1 that depends only on the arguments: the same seed gives the same tries, in any order. */
export function draw(...words: readonly (string | number)[]): number {
  return createHash('sha256').update(words.join('/')).digest().readUInt32LE() / 2 ** 32
}
