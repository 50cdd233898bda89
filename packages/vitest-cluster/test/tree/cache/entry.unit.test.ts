import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { FORMAT, readEntry } from '../../../src/tree/cache/entry.ts'
import { scratchDirectory } from '../../helpers/temporary.ts'

test('an entry has its record, and the paths of its files', async () => {
  const directory = await scratchDirectory()
  const record = { format: FORMAT, key: 'abc', kind: 'files', own: ['x'] }
  await writeFile(join(directory, 'entry.json'), JSON.stringify(record))
  expect(readEntry(directory)).toEqual({ ...record, directory, path: join(directory, 'root') })
})

test.for([
  ['of an older format', JSON.stringify({ format: FORMAT - 1, key: 'abc' })],
  ['of a newer format', JSON.stringify({ format: FORMAT + 1, key: 'abc' })],
  ['that was cut off', '{"format":'],
  ['that is empty', 'null'],
] as const)('an entry %s is ignored', async ([, text]) => {
  const directory = await scratchDirectory()
  await writeFile(join(directory, 'entry.json'), text)
  expect(readEntry(directory)).toBeUndefined()
})

test('a directory without a record is not an entry', async () => {
  expect(readEntry(await scratchDirectory())).toBeUndefined()
  expect(readEntry('/nowhere')).toBeUndefined()
})
