// @module-tag user
import { expect, test } from 'vitest'
import { underUmasks } from '../helpers/umask.ts'

test('the umask of whoever runs the tests changes no mode, no tree and no secret', async () => {
  const [usual, strict] = await underUmasks('022', '077')
  expect(usual).toMatchObject({ answer: 'PONG', host: { stdout: 'secretdata\n' } })
  expect(strict).toEqual(usual)
})
