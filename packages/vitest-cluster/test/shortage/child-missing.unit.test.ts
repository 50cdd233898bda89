import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { isMissing } from '../../src/shortage/child.ts'
import { scratchDirectory } from '../helpers/temporary.ts'

const error = (code: string) => Object.assign(new Error(`spawn x ${code}`), { code })

test('a program is missing if no directory of PATH has it, also where one may not be searched', async () => {
  const directory = await scratchDirectory()
  await mkdir(join(directory, 'closed'))
  await writeFile(join(directory, 'there'), '')
  await chmod(join(directory, 'closed'), 0)
  const path = [join(directory, 'closed'), join(directory, 'none'), directory].join(':')
  expect(isMissing(error('ENOENT'), 'x', path)).toBe(true)
  expect(isMissing(error('EACCES'), 'x', path)).toBe(true)
  // It exists, and may not be executed
  expect(isMissing(error('EACCES'), 'there', path)).toBe(false)
  expect(isMissing(error('EACCES'), join(directory, 'x'), path)).toBe(false)
  expect(isMissing(error('E2BIG'), 'x', path)).toBe(false)
})
