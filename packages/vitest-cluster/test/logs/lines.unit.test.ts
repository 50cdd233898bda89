import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Lines } from '../../src/logs/lines.ts'

// A failure prints the seed; to try others: VITEST_CLUSTER_TEST_SEED=$RANDOM
const seed = Number(process.env['VITEST_CLUSTER_TEST_SEED'] ?? 20261128)
const numRuns = Number(process.env['VITEST_CLUSTER_TEST_RUNS'] ?? 1500)

/** The lines, and the rest, that Lines makes of bytes in pieces. */
function cut(bytes: Buffer, places: readonly number[]): string[] {
  const lines = new Lines()
  const ends = [...new Set(places.map((place) => place % (bytes.length + 1)))].sort((a, b) => a - b)
  const whole: string[] = []
  let from = 0
  for (const end of [...ends, bytes.length]) {
    whole.push(...lines.push(bytes.subarray(from, end)))
    from = end
  }
  return [...whole, lines.rest]
}

test('a text has the same lines however it is cut into pieces', () => {
  const text = fc.string({ unit: fc.constantFrom('a', '\n', '\r', '\0', 'ä', '€', '𝄞') })
  fc.assert(
    fc.property(text, fc.array(fc.nat()), (text, places) => {
      expect(cut(Buffer.from(text), places)).toEqual(text.split('\n'))
    }),
    { seed, numRuns },
  )
})

test('a line that is too long is split between characters', () => {
  const text = `${'a'.repeat(100)}${'€'.repeat(1_000_000)}`
  const bytes = Buffer.from(text)
  const places = Array.from({ length: 300 }, (_, i) => i * 10_001)
  const pieces = cut(bytes, places)
  expect(pieces.length).toBeGreaterThan(2)
  expect(pieces.join('')).toBe(text)
  for (const piece of pieces) expect(Buffer.byteLength(piece)).toBeLessThan(1.1 * 1024 * 1024)
})

test('a long line that is not text is also split', () => {
  const bytes = Buffer.alloc(3 * 1024 * 1024, 0x80)
  expect(cut(bytes, [bytes.length / 2]).join('')).toHaveLength(bytes.length)
})
