// @module-tag user
import { expect, test } from 'vitest'
import { underUmasks } from '../helpers/umask.ts'

test("the user's umask does not change the modes of trees, files and secrets", async () => {
  const [usual, strict] = await underUmasks('022', '077')
  expect(usual).toMatchObject({ answer: 'PONG', host: { stdout: 'secretdata\n' } })
  expect(strict).toEqual(usual)
})
