import { once } from 'node:events'
import { type AddressInfo, createConnection, createServer } from 'node:net'
import { expect, test } from 'vitest'
import { ClientSockets } from '../../src/vitest/client-sockets.ts'

/** A server that answers each line except `quiet`, and closes when its client does. */
async function server(host = '127.0.0.1') {
  const listening = createServer((socket) =>
    socket.on('data', (data) => `${data}`.includes('quiet') || socket.write('ok')),
  ).listen(0, host)
  await once(listening, 'listening')
  const { port } = listening.address() as AddressInfo
  return { port, [Symbol.dispose]: () => listening.close() }
}

test('bytes sent without an answer are counted, also after the client has closed', async () => {
  using a = await server()
  using b = await server()
  const sockets = new ClientSockets()
  const [client, other] = [createConnection(a.port), createConnection(b.port)]
  client.write('quiet')
  other.write('hello')
  await once(other, 'data')
  client.destroy()
  await once(client, 'close')
  expect([sockets.unreplied([a.port]), sockets.unreplied([b.port])]).toEqual([5, 0])
  other.destroy()
})

test('clients over IPv6, and of a server on both families, are counted like those over IPv4', async () => {
  using a = await server('::')
  const sockets = new ClientSockets()
  const hosts = ['::1', '127.0.0.1', '::ffff:127.0.0.1']
  const clients = hosts.map((host) => createConnection(a.port, host))
  for (const client of clients) client.write('quiet')
  await Promise.all(clients.map((client) => once(client, 'connect')))
  await expect.poll(() => sockets.unreplied([a.port])).toBe(15)
  for (const client of clients) client.destroy()
})

test("a connection from before the test is counted from the test's begin", async () => {
  using a = await server()
  const client = createConnection(a.port)
  client.write('hello')
  await once(client, 'data')
  const sockets = new ClientSockets()
  expect(sockets.unreplied([a.port])).toBe(0)
  client.write('quiet')
  expect(sockets.unreplied([a.port])).toBe(5)
  client.write('loud')
  await once(client, 'data')
  expect(sockets.unreplied([a.port])).toBe(0)
  client.destroy()
})

test('a connection of a later test is not counted for an ended one', async () => {
  using a = await server()
  const sockets = new ClientSockets()
  sockets.end()
  const client = createConnection(a.port)
  client.write('quiet')
  await once(client, 'connect')
  expect(sockets.unreplied([a.port])).toBe(0)
  client.destroy()
})
