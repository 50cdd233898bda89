import { stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { unitFile } from '../../src/systemd/unit-file.ts'
import { scratchDirectory } from '../helpers/temporary.ts'

test("a unit's file has its text and its time in microseconds", async () => {
  const path = join(await scratchDirectory(), 'a.service')
  await writeFile(path, '[Service]\n')
  const found = await unitFile(path, process.pid)
  expect(found?.text).toBe('[Service]\n')
  const { mtimeMs } = await stat(path)
  expect((found?.made ?? 0) / 1000).toBeCloseTo(mtimeMs, 1)
})

test('a unit file that cannot be read is ignored', async () => {
  const path = join(await scratchDirectory(), 'a.service')
  expect(await unitFile(path, process.pid)).toBeUndefined()
})
