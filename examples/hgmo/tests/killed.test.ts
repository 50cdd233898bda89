import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect } from 'vitest'
import { killOfUnit } from './support/kill.ts'
import { test } from './support/test.ts'

const PROJECT = join(import.meta.dirname, 'support/killed')

test('a daemon that was killed is started again, and passes on the next push', async ({
  client,
  servers,
  hgssh,
}) => {
  await servers.newRepository('projects/larch')
  const user = await client.newUser('ivan', { uid: 1901, scmLevel: 1 })
  const clone = await client.newClone('projects/larch', user)
  await servers.replicated()
  const { log, unit } = hgssh.pushdataaggregator
  const since = await log.mark()
  await killOfUnit(hgssh, unit)

  const changeset = await clone.commit('After a kill')
  expect((await clone.push()).output).toContain('recorded changegroup in replication log')
  const copied = new RegExp(`copying hg-changegroup-2: .*${changeset.slice(0, 12)}`)
  await log.waitFor(copied, { since, timeout: 30_000 })
})

test('a server that was killed in a test is named with its log', { timeout: 120_000 }, async () => {
  const vitest = join(import.meta.dirname, '../../../node_modules/vitest/vitest.mjs')
  const argv = [vitest, 'run', '--root', PROJECT]
  const env = { ...process.env, NO_COLOR: '1' }
  const run = promisify(execFile)(process.execPath, argv, { env })
  const { stderr } = await run.then(
    () => expect.fail('the run passed'),
    (failure: { stderr: string }) => failure,
  )
  expect(stderr).toMatch(/ldap-slapd: is down: .*SIGKILL/)
  expect(stderr).toMatch(/ldap-slapd[\s\S]*last log lines:[\s\S]*slapd starting/)
})
