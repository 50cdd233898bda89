import { expect, test } from 'vitest'
import { abandoned, hasDatagrams, queued } from '../../src/ports/queues.ts'
import { parseSockets } from '../../src/ports/sockets.ts'

// proc(5), /proc/net/tcp6: 389 is 0185; ::ffff:127.0.0.1 is the address of IPv4 clients of a service on ::
const LOCAL = '0000000000000000FFFF00000100007F'
const TABLE =
  parseSockets(`  sl  local_address remote_address st tx_queue rx_queue tr tm->when retrnsmt   uid
   0: 00000000000000000000000000000000:0185 ${'0'.repeat(32)}:0000 0A 00000000:00000002 00:00000000 00000000 0 0 1
   1: ${LOCAL}:0185 ${LOCAL}:8888 01 00000000:00000041 00:00000000 00000000 0 0 2
   2: ${LOCAL}:0185 ${LOCAL}:8889 08 00000000:00000001 00:00000000 00000000 0 0 3
   3: ${LOCAL}:0185 ${LOCAL}:8890 08 00000000:00000000 00:00000000 00000000 0 0 4
   4: ${LOCAL}:0185 ${LOCAL}:8891 08 00000000:00000009 00:00000000 00000000 0 0 5
   5: ${LOCAL}:0186 ${LOCAL}:8892 08 00000000:00000000 00:00000000 00000000 0 0 6
`)

test("queued() counts IPv6 sockets, and does not count a connection's end as a byte", () => {
  expect(queued(TABLE, [0x185])).toEqual({ connections: 2, bytes: 0x41 + 9 })
  expect(abandoned(TABLE, [0x185])).toBe(2)
  expect(abandoned(TABLE, [0x187])).toBe(0)
})

test('hasDatagrams() finds unread datagrams', () => {
  const udp = (waiting: string) =>
    parseSockets(
      `head\n  1: 0100007F:0035 00000000:0000 07 00000000:${waiting} 00:00000000 00000000 0 0 1 2 0 0`,
    )
  expect(hasDatagrams(udp('00000340'), [53])).toBe(true)
  expect(hasDatagrams(udp('00000000'), [53])).toBe(false)
  expect(hasDatagrams(udp('00000340'), [54])).toBe(false)
})
