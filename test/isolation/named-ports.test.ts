// @module-tag user
// @module-tag systemd
import { once } from 'node:events'
import { createServer } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { defineCluster, openSession } from 'vitest-cluster'
import { freePort } from '../../packages/vitest-cluster/test/helpers/free-port.ts'
import { ask, redis } from '../../packages/vitest-cluster/test/helpers/services.ts'
import { reason } from '../support/isolations.ts'

const missing = await reason('boot', 'private')
describe.skipIf(missing)(`network: 'private'${missing ? ` (cannot: ${missing})` : ''}`, () => {
  const cluster = defineCluster({
    ...{ isolation: 'boot', network: 'private' },
    services: { db: redis() },
  })

  test('a named port has the same number inside and outside', async () => {
    const port = await freePort()
    const session = await openSession(cluster, { ports: { db: port } })
    try {
      const db = await session.handle('db')
      expect(db.port).toBe(port)
      expect(await ask(port, 'PING\r\n')).toBe('+PONG\r\n')
      expect(await db.cli('config', 'get', 'port')).toBe(`port\n${port}`)
    } finally {
      await session.close()
    }
  })

  test('a named port that another process takes before it is forwarded is not replaced', async () => {
    const port = await freePort()
    const state = {
      // Called after ports are reserved, and before they are forwarded
      inputs: async () => {
        const other = createServer().listen(port, '127.0.0.1')
        onTestFinished(() => void other.close())
        await once(other, 'listening')
        return {}
      },
      make: async () => {},
    }
    const services = { db: { ...redis(), state } }
    const opening = openSession(defineCluster({ ...cluster, services }), { ports: { db: port } })
    await expect(opening).rejects.toMatchObject({
      code: 'PORT_UNAVAILABLE',
      message: expect.stringContaining(
        `db: its port redis = ${port} is in use: process ${process.pid} (`,
      ),
    })
  })
})
