// @module-tag user
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import type { Precondition } from '../../src/index.ts'
import { script } from '../helpers/services.ts'
import { asRoot, up } from '../helpers/session.ts'
import { isClosed, seen, skipWhen } from '../helpers/situation.ts'

const helper = (name: string) => fileURLToPath(new URL(`../helpers/${name}`, import.meta.url))
const REPOSITORY = fileURLToPath(new URL('../../../..', import.meta.url)).replace(/\/$/, '')

test('doctor() finds that it runs outside of any session', async () => {
  expect((await seen())('nested-session')).toMatchObject({ status: 'ok', found: 'outside' })
})

test("doctor() and openSession() report that they run inside a session's tree", async ({
  skip,
}) => {
  skipWhen(skip, isClosed(), 'the repository is closed to the uid of services')
  const hostPaths = [REPOSITORY, dirname(process.execPath)]
  await using session = await up({ one: script('sleep infinity', { hostPaths }) })
  const one = await session.handle('one')
  const run = async (name: string) =>
    JSON.parse((await one.exec([process.execPath, helper(name)], asRoot(session))).stdout)
  const list: Precondition[] = await run('says-doctor.ts')
  expect(list.find(({ id }) => id === 'nested-session')).toMatchObject({
    status: 'missing',
    found: "this process runs inside a session's tree",
    neededFor: ['session'],
  })
  const { code, message } = await run('opens-as.ts')
  expect(code).toBe('NO_MANAGER')
  expect(message).toContain("nested-session: this process runs inside a session's tree")
  expect(message).toContain('run it on the machine')
})
