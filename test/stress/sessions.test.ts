import { test } from 'vitest'
import { expectConnections } from '../support/sessions.ts'

test('8 sessions started at the same time all pass', async () => {
  await expectConnections({ processes: 8, sessions: 1 })
})

test('of 100 sessions in a row each accepts connections as soon as it is open', {
  timeout: 300_000,
}, async () => {
  await expectConnections({ processes: 1, sessions: 100 })
})
