// @module-tag private
import { expect, test } from 'vitest'
import { child } from '../helpers/child.ts'
import { ownTemporary } from '../helpers/own-temporary.ts'

test('an open session does not keep its process alive, and ends with it', async () => {
  const temporary = await ownTemporary()
  const { ended, process, said } = await child<{ id: string }>('forgets-session.ts')
  await ended
  expect(process.exitCode).toBe(0)
  expect(await temporary.ids()).toEqual([said.id])
  await temporary.nothingLeft()
})
