// @module-tag user
import { once } from 'node:events'
import { createConnection, createServer } from 'node:net'
import { expect, onTestFinished, test, vi } from 'vitest'
import { defineCluster, defineService } from '../../src/index.ts'
import { openInternal } from '../../src/open/open-session.ts'
import { planCluster } from '../../src/open/plan-cluster.ts'
import type { OpenedSession } from '../../src/open/session.ts'
import { freePort } from '../helpers/free-port.ts'
import { ownTemporary } from '../helpers/own-temporary.ts'
import { isLocked } from '../helpers/port-lock.ts'
import { redis } from '../helpers/services.ts'
import { up } from '../helpers/session.ts'

/** A server that says the name of its host. @param on the address that it listens on, its host's by default */
const server = (port: number, on?: string) =>
  defineService({
    kind: 'server',
    programs: ['python3'],
    ports: { main: port },
    command: ({ address, ports, host }) => [
      ...['python3', '-c', SERVER, on ?? address, `${ports.main}`, host ?? 'none'],
    ],
    ready: 'listening',
  })

const SERVER = `
import socket, sys
server = socket.create_server((sys.argv[1], int(sys.argv[2])))
while True:
    client, _ = server.accept()
    client.sendall(sys.argv[3].encode())
    client.close()
`

/** Two hosts with a server on this port. */
const pair = (port: number, on?: string) => {
  const host = { services: { server: server(port, on) } }
  return defineCluster({ services: {}, hosts: { web0: host, web1: host } })
}

const at = (address: string, port: number) =>
  defineCluster({
    services: {},
    hosts: { web: { address, services: { server: server(port) } } },
  })

const addressesOf = ({ plan }: Pick<OpenedSession, 'plan'>) =>
  Object.values(plan.hosts).map(({ address }) => address)

async function answer(host: string, port: number): Promise<string> {
  const socket = createConnection({ host, port })
  const [data] = await once(socket, 'data')
  socket.destroy()
  return `${data}`
}

async function failure(opening: Promise<AsyncDisposable>) {
  const error = await opening.then(
    (session) => session[Symbol.asyncDispose]().then(() => expect.unreachable('it opened')),
    (error: Error) => error,
  )
  return error as Error & { code: string; details: { fix: string } }
}

test('two sessions at once may name the same ports on their hosts', async () => {
  const port = await freePort()
  const temporary = await ownTemporary()
  const [one, two] = await Promise.all([openInternal(pair(port)), openInternal(pair(port))])
  const addresses = [one, two].flatMap(addressesOf)
  expect(await Promise.all(addresses.map((address) => answer(address, port)))).toEqual([
    ...['web0', 'web1', 'web0', 'web1'],
  ])
  for (const address of addresses) {
    expect(await isLocked(`${address}:${port}`)).toBe(true)
  }
  // A service that is not on a host may listen on all addresses
  const error = await failure(up({ db: server(port) }))
  expect(error.message).toMatch(
    new RegExp(
      `db: its port main = ${port} is in use: process \\d+ \\(python3\\) listens on it, of`,
    ),
  )
  await Promise.all([one.close(), two.close()])
  await temporary.nothingLeft()
  await using again = await up({ db: server(port) })
  expect(await isLocked(port)).toBe(true)
  // The other way round: it listens on 127.0.0.1 only
  await using third = await openInternal(pair(port))
  expect(await answer(addressesOf(third)[1] ?? '', port)).toBe('web1')
  expect(await answer('127.0.0.1', port)).toBe('none')
  expect(again.id).not.toBe(third.id)
})

test('a port on an address that the definition names is refused while another session has it', async () => {
  const port = await freePort()
  await using session = await openInternal(at('127.0.1.77', port))
  const error = await failure(openInternal(at('127.0.1.77', port)))
  expect(error.code).toBe('PORT_UNAVAILABLE')
  expect(error.message).toContain(
    `web-server: its port main = ${port} on 127.0.1.77 is in use: session ${session.id} has it for its service web-server`,
  )
  await using other = await openInternal(at('127.0.1.78', port))
  expect(other.plan.services['web-server']?.ports).toEqual({ main: port })
})

test('a program that listens on all addresses has the port of each host, and one on 127.0.0.1 has not', async () => {
  for (const [host, isAll] of [
    ['0.0.0.0', true],
    ['::', true],
    ['127.0.0.1', false],
  ] as const) {
    const port = await freePort()
    const other = createServer().listen(port, host)
    await once(other, 'listening')
    const opening = openInternal(at('127.0.1.79', port))
    if (isAll) {
      const error = await failure(opening)
      expect(error.code).toBe('PORT_UNAVAILABLE')
      expect(error.message).toMatch(
        new RegExp(
          `= ${port} on 127.0.1.79 is in use: process ${process.pid} \\(.+\\) listens on it on all addresses `,
        ),
      )
    } else {
      const session = await opening
      await session.close()
    }
    other.close()
  }
})

test('a service of another session that listens on all addresses, not on that of its host, is named', async () => {
  const port = await freePort()
  await using session = await openInternal(
    defineCluster({
      services: {},
      hosts: { web: { services: { server: server(port, '0.0.0.0') } } },
    }),
  )
  const error = await failure(openInternal(pair(port)))
  expect(error.message).toContain(`listens on it on all addresses, of session ${session.id} [`)
  expect(error.message).toContain(
    'fix: Let that service listen on its own address only (context.address).',
  )
})

test('a service that listens on all addresses fails with the program that has the port of another one', async () => {
  const port = await freePort()
  await using session = await openInternal(pair(port))
  const error = await failure(openInternal(pair(port, '0.0.0.0')))
  expect(error.code).toBe('PORT_UNAVAILABLE')
  expect(error.message).toMatch(
    new RegExp(
      `= ${port} on (127\\.0\\.\\d+\\.[12]) is in use: on another address, process \\d+ \\(python3\\) listens on it, of session ${session.id} (.*\n)+.*Let the service listen on its own address only: \\1 `,
    ),
  )
})

test('a service that loses its named port to a program on all addresses fails with that program', async () => {
  const port = await freePort()
  const late = {
    ...server(port),
    files: async () => {
      const other = createServer().listen(port, '0.0.0.0')
      onTestFinished(() => void other.close())
      await once(other, 'listening')
      return {}
    },
  }
  const error = await failure(
    openInternal(defineCluster({ services: {}, hosts: { web: { services: { late } } } })),
  )
  expect(error.code).toBe('PORT_UNAVAILABLE')
  expect(error.message).toMatch(
    new RegExp(`= ${port} on 127\\.0\\.\\d+\\.1 is in use: process ${process.pid} \\(`),
  )
})

test('a number that is named on a host is not chosen for another port of the session', async () => {
  // The first number that sessions choose from
  const service = { ...redis(), ports: { redis: 10_000, admin: undefined } }
  const cluster = defineCluster({ services: {}, hosts: { web: { services: { service } } } })
  vi.spyOn(Math, 'random').mockReturnValue(0)
  onTestFinished(() => void vi.restoreAllMocks())
  await expect(planCluster(cluster, '/')).rejects.toMatchObject({ code: 'NO_PORT' })
})
