import { once } from 'node:events'
import { createServer } from 'node:net'
import { expect, test } from 'vitest'
import { whileLocked } from '../../src/session/lock.ts'

const noWork = async () => undefined

test('a lock is free again for a process that waits for it', async () => {
  const free = Promise.withResolvers<void>()
  const order: string[] = []
  const first = whileLocked('0000feed', ['db'], async () => {
    order.push('first begins')
    await free.promise
    order.push('first ends')
  })
  const second = whileLocked('0000feed', ['web', 'db'], async () => order.push('second'))
  free.resolve()
  await Promise.all([first, second])
  expect(order).toEqual(['first begins', 'first ends', 'second'])
})

// A service on the host's network can take the name
test('a name that another program keeps is an error that says how to find the program', async () => {
  await using server = createServer().listen('\0vitest-cluster/0000beef/db')
  await once(server, 'listening')
  await expect(whileLocked('0000beef', ['db'], noWork, 100)).rejects.toMatchObject({
    code: 'SESSION_BUSY',
    message: expect.stringContaining('db: another process has been changing it for 0.1 s'),
    details: { fix: expect.stringContaining("grep '@vitest-cluster/0000beef/db'") },
  })
})

test('a name that another program takes, and refuses to talk on, is an error too', async () => {
  await using server = createServer((socket) => socket.destroy()).listen(
    '\0vitest-cluster/0000cafe/db',
  )
  await once(server, 'listening')
  await expect(whileLocked('0000cafe', ['db'], noWork, 100)).rejects.toMatchObject({
    code: 'SESSION_BUSY',
  })
})
