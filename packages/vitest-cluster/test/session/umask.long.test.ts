import { expect, test } from 'vitest'
import { underUmasks } from '../helpers/umask.ts'

test("modes are the same under every umask that keeps the owner's permissions", async () => {
  const [usual, ...others] = await underUmasks('022', '027', '002', '000', '037', '067')
  for (const other of others) expect(other).toEqual(usual)
})
