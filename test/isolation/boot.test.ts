// @module-tag user
// @module-tag systemd
/** Tests that need a tree that boots: its systemd as PID 1, and its own network. */

import { once } from 'node:events'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { ssh } from '@vitest-cluster/fixtures'
import { describe, expect, test, vi } from 'vitest'
import { defineCluster, defineService, openSession } from 'vitest-cluster'
import { ask, redis } from '../../packages/vitest-cluster/test/helpers/services.ts'
import { reason } from '../support/isolations.ts'
import { portsOf } from '../support/ports.ts'

/** A service that does nothing, so that tests can run programs beside it. */
const idle = (options: object = {}) =>
  defineService({
    kind: 'idle',
    command: () => ['sleep', 'infinity'],
    programs: ['sleep'],
    ready: 'started',
    ...options,
  })

for (const isolation of ['boot', 'nspawn'] as const) {
  const missing = await reason(isolation)
  const title = missing ? `${isolation} (this machine cannot: ${missing})` : isolation
  describe.skipIf(missing)(title, () => {
    test('systemd is PID 1 of the tree, and services are its units', async () => {
      const services = { idle: idle({ user: 'root', needs: ['systemd'] }) }
      const session = await openSession(defineCluster({ services, isolation }))
      try {
        const { exec, unit } = await session.handle('idle')
        expect((await exec(['cat', '/proc/1/comm'])).stdout).toBe('systemd\n')
        const said = await exec(['systemctl', 'is-active', unit, 'systemd-journald.service'])
        expect(said.stdout).toBe('active\nactive\n')
        await exec(['sh', '-c', 'echo to the journal | systemd-cat -t me'])
        await exec(['journalctl', '--sync'])
        expect((await exec(['journalctl', '-t', 'me', '-o', 'cat'])).stdout).toBe(
          'to the journal\n',
        )
        // no process of the host is visible
        expect((await exec(['pgrep', '-x', 'node'], { allowFailure: true })).exitCode).toBe(1)
      } finally {
        await session.close()
      }
    })

    test("a service with DynamicUser has a uid of systemd's range and no other permissions", async () => {
      const services = {
        idle: idle({
          needs: ['systemd'],
          unit: { DynamicUser: true },
          command: () => ['sh', '-c', 'id -u; exec sleep infinity'],
        }),
      }
      const session = await openSession(defineCluster({ services, isolation }))
      try {
        const { log } = await session.handle('idle')
        // systemd's range for dynamic users (systemd.exec(5))
        const uid = Number(await log.waitFor(/^\d+$/))
        expect(uid).toBeGreaterThanOrEqual(61_184)
        expect(uid).toBeLessThanOrEqual(65_519)
      } finally {
        await session.close()
      }
    })
  })
}

const missing = await reason('boot', 'private')
describe.skipIf(missing)(`network: 'private'${missing ? ` (cannot: ${missing})` : ''}`, () => {
  const services = { db: redis(), ssh: ssh(), idle: idle({ dependsOn: ['db'] }) }
  const cluster = defineCluster({ services, isolation: 'boot', network: 'private' })

  test("forwards the services' ports, and no other connection", async () => {
    // A listener of the host that the tree must not reach
    const outside = createServer((socket) => socket.end('host')).listen(0, '127.0.0.1')
    await once(outside, 'listening')
    const { port } = outside.address() as AddressInfo
    const session = await openSession(cluster)
    try {
      const [db, shell, idle] = await Promise.all([
        session.handle('db'),
        session.handle('ssh'),
        session.handle('idle'),
      ])
      expect(await ask(db.port, 'PING\r\n')).toBe('+PONG\r\n')
      expect((await shell.run('echo in')).stdout).toBe('in\n')
      const reach = (host: string, number: number) =>
        idle.exec(['bash', '-c', `exec 3<>/dev/tcp/${host}/${number}`], { allowFailure: true })
      expect(await reach('127.0.0.1', db.port)).toMatchObject({ exitCode: 0 })
      expect(await reach('127.0.0.1', port)).toMatchObject({ exitCode: 1 })
      expect((await idle.exec(['cat', '/proc/net/route'])).stdout.trim().split('\n')).toHaveLength(
        1,
      )
      await db.restart()
      expect(await ask(db.port, 'PING\r\n')).toBe('+PONG\r\n')
    } finally {
      await session.close()
      outside.close()
    }
  })

  test('chooses another port if a process takes one before it is forwarded', async () => {
    const others: Server[] = []
    const state = {
      // Called before ports are forwarded, around the time when they are chosen
      inputs: async () => {
        if (others.length > 0) return {}
        const other = createServer((socket) => socket.end('other'))
        others.push(other)
        const { numbers } = await vi.waitUntil(async () => {
          const ports = portsOf(process.pid)
          return ports.numbers.length > 0 && ports
        })
        other.listen(numbers[0], '127.0.0.1')
        await once(other, 'listening')
        return {}
      },
      make: async () => {},
    }
    const services = { db: { ...redis(), state } }
    const session = await openSession(defineCluster({ ...cluster, services }))
    try {
      const { port } = await session.handle('db')
      expect(await ask(port, 'PING\r\n')).toBe('+PONG\r\n')
      expect(others.map((other) => (other.address() as AddressInfo).port)).not.toContain(port)
    } finally {
      await session.close()
      for (const other of others) other.close()
    }
  })

  test('reports a failed service like other isolations', async () => {
    const bad = idle({ command: () => ['sh', '-c', 'echo no; exit 3'], ready: 'notify' })
    const definition = defineCluster({ ...cluster, services: { bad } })
    await expect(openSession(definition)).rejects.toThrow(/^bad: failed to start: .*exit status 3/)
  })
})
