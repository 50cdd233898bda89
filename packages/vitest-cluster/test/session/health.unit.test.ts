import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { markDown, markUp, whyDown } from '../../src/session/health.ts'
import { temporaryDirectory } from '../helpers/temporary.ts'

const DETAILS = {
  code: 'SERVICE_FAILED',
  message: 'is down',
  log: Array.from({ length: 20 }, () => 'x'.repeat(200)),
} as const

test("a reader sees a service's end completely or not at all while it is written", async () => {
  const status = join(await temporaryDirectory(), 'status')
  await mkdir(status)
  const noted = async () => {
    for (let i = 0; i < 100; i++) {
      await markDown(status, DETAILS, 'ldap')
      await markUp(status, 'ldap')
    }
  }
  let done = false
  const writer = noted().finally(() => {
    done = true
  })
  const seen = new Set<string>()
  while (!done) {
    seen.add(JSON.stringify(whyDown(status, 'ldap')))
    await turn()
  }
  await writer
  seen.delete(JSON.stringify(undefined))
  expect([...seen]).toEqual([JSON.stringify(DETAILS)])
})
