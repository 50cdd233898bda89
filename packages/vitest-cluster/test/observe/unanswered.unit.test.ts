import { expect, test } from 'vitest'
import { unansweredWords } from '../../src/observe/unanswered.ts'
import { queued } from '../../src/ports/queues.ts'
import { parseSockets } from '../../src/ports/sockets.ts'

// proc(5), /proc/net/tcp: 389 is 0185, 22 is 0016
const TABLE =
  parseSockets(`  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid
   0: 0100007F:0185 00000000:0000 0A 00000000:00000002 00:00000000 00000000     0        0 1
   1: 0100007F:0185 0100007F:8888 01 00000000:00000041 00:00000000 00000000     0        0 2
   2: 0100007F:0185 0100007F:8889 08 00000000:00000010 00:00000000 00000000     0        0 3
   3: 0100007F:8888 0100007F:0185 01 00000041:00000099 00:00000000 00000000     0        0 4
   4: 0100007F:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 5
`)

test("connections not accepted and bytes not read are counted on a service's ports, not on its clients'", () => {
  expect(queued(TABLE, [389])).toEqual({ connections: 2, bytes: 0x41 + 0x10 })
  expect(queued(TABLE, [22])).toEqual({ connections: 0, bytes: 0 })
  expect(queued(TABLE, [])).toEqual({ connections: 0, bytes: 0 })
})

test('connections and bytes are described, with stopped processes as the cause', () => {
  const words = { service: 'ldap', connections: 1, bytes: 0, stopped: [] }
  expect(unansweredWords(words)).toBe(
    '1 connection not accepted: the service hangs, or is overloaded',
  )
  expect(unansweredWords({ ...words, bytes: 7, stopped: [42] })).toBe(
    '1 connection not accepted, 7 bytes sent to it and not read: its process 42 is stopped (a signal such as SIGSTOP, or a debugger)',
  )
})

test('every kind of unanswered request is described', () => {
  const nothing = { service: 'a', connections: 0, bytes: 0, stopped: [] }
  const busy = 'the service hangs, or is overloaded'
  expect(unansweredWords({ ...nothing, stopped: [1, 2] })).toBe(
    'its processes 1, 2 are stopped (a signal such as SIGSTOP, or a debugger)',
  )
  expect(unansweredWords({ ...nothing, frozen: true })).toMatch(/^its unit is frozen/)
  expect(unansweredWords({ ...nothing, abandoned: 2, unreplied: 7 })).toBe(
    `7 bytes sent to it by this test and not answered, 2 connections closed by the client and not by the service: ${busy}`,
  )
  expect(unansweredWords({ ...nothing, abandoned: 1 })).toBe(
    '1 connection closed by the client and not by the service: the service hangs, or keeps unused connections open',
  )
  // Requests that it has not read are not reported as unanswered or unclosed as well
  expect(unansweredWords({ ...nothing, bytes: 7, abandoned: 2, unreplied: 7 })).toBe(
    `7 bytes sent to it and not read: ${busy}`,
  )
  expect(unansweredWords({ ...nothing, datagrams: true })).toBe(
    `datagrams sent to it and not read: ${busy}`,
  )
})
