import { test } from 'vitest'
import { connectsAlways } from '../support/sessions.ts'

test('8 sessions started at the same moment all pass', async () => {
  await connectsAlways({ processes: 8, sessions: 1 })
})

test('100 sessions in a row lose no connection made the instant they are handed over', {
  timeout: 300_000,
}, async () => {
  await connectsAlways({ processes: 1, sessions: 100 })
})
