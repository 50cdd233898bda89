import { once } from 'node:events'
import { type AddressInfo, createConnection, createServer } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { listeningInodes, listensOn } from '../../src/ports/sockets.ts'

// proc(5), /proc/net/tcp: 389 is 0185, 80 is 0050, 10 990 is 2AEE
const LOOPBACK = '127.0.0.1'
const TABLE = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:0185 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 101 1 0 100 0 0 10 0
   1: 0100007F:0185 0100007F:8888 01 00000000:00000000 00:00000000 00000000     0        0 102 1 0 20 4 30 10 -1
   2: 00000000:0185 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 103 1 0 100 0 0 10 0
   3: 0100007F:8888 0100007F:0185 01 00000000:00000000 00:00000000 00000000     0        0 104 1 0 20 4 30 10 -1
 4: 0100007F:2AEE 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 106 1 0 100 0 0 10 0
 100: 0100007F:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 105 1 0 100 0 0 10 0
`

test('the sockets that listen on a port are found, on any address', () => {
  expect(listeningInodes(TABLE, LOOPBACK, 389)).toEqual(['101', '103'])
  expect(listeningInodes(TABLE, LOOPBACK, 80)).toEqual(['105'])
  expect(listeningInodes(TABLE, LOOPBACK, 10_990)).toEqual(['106'])
  // not a peer's port, not a port with the same last digits, not one with connections only
  for (const port of [0, 0x85, 0x8888]) expect(listeningInodes(TABLE, LOOPBACK, port)).toEqual([])
  expect(listeningInodes('', LOOPBACK, 80)).toEqual([])
})

test('an IPv6 socket is a listener if it accepts connections to 127.0.0.1', () => {
  const row = (address: string, inode: number) =>
    ` 0: ${address}:0050 ${'0'.repeat(32)}:0000 0A 00000000:00000000 00:00000000 00000000 0 0 ${inode} 1 0 100 0 0 10 0`
  const zeros = '0'.repeat(32)
  const table = [
    row(zeros, 1),
    row('0000000000000000FFFF00000100007F', 2),
    row('0000000000000000FFFF000000000000', 3),
    // A big-endian machine
    row('00000000000000000000FFFF7F000001', 4),
    // ::1, 127.0.0.2, ::ffff:127.0.0.2
    row('00000000000000000000000001000000', 5),
    row('0200007F', 6),
    row('0000000000000000FFFF00000200007F', 7),
  ]
  expect(listeningInodes(table.join('\n'), LOOPBACK, 80)).toEqual(['1', '2', '3', '4'])
  // To an address of a host
  expect(listeningInodes(table.join('\n'), '127.0.0.2', 80)).toEqual(['1', '3', '6', '7'])
})

test('a process that listens on :: is found', async () => {
  const server = createServer((socket) => socket.destroy()).listen(0)
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  expect(await listensOn(LOOPBACK, port, [process.pid])).toBe(true)
})

test('a process is found while its socket listens, and one that has ended is not', async () => {
  const server = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0
  expect(await listensOn(LOOPBACK, port, [process.pid])).toBe(true)
  expect(await listensOn(LOOPBACK, port, [2 ** 22 + 1, process.pid])).toBe(true)
  expect(await listensOn(LOOPBACK, port, [2 ** 22 + 1])).toBe(false)
  expect(await listensOn(LOOPBACK, port, [])).toBe(false)
  // A connection to the port does not listen
  const client = createConnection({ port, host: '127.0.0.1' })
  await once(client, 'close')
  const closed = new Promise((resolve) => server.close(resolve))
  await closed
  expect(await listensOn(LOOPBACK, port, [process.pid])).toBe(false)
})
