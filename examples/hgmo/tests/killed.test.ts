import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect } from 'vitest'
import cluster from '../cluster.config.ts'
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

test('each service that is killed in a test is named with its log', {
  timeout: 600_000,
}, async () => {
  const vitest = join(import.meta.dirname, '../../../node_modules/vitest/vitest.mjs')
  const argv = [vitest, 'run', '--root', PROJECT]
  const env = { ...process.env, NO_COLOR: '1' }
  const run = promisify(execFile)(process.execPath, argv, { env, maxBuffer: 2 ** 26 })
  const { stderr } = await run.then(
    () => expect.fail('the run passed'),
    (failure: { stderr: string }) => failure,
  )
  const killed = Object.entries(cluster.services).filter(([, { ready }]) => ready !== 'exited')
  expect(killed.length).toBeGreaterThan(40)
  const isReported = (name: string, how: string) =>
    new RegExp(`^vitest-cluster: ${name}: .*${how}.* during '.*'`, 'm').test(stderr)
  // A consumer whose broker was killed may have ended by itself before, or again
  expect(killed.filter(([name]) => !isReported(name, '(?:is down|restarted it)'))).toEqual([])
  const alone = ['ldap-slapd', 'pulse-rabbitmq', 'runner-idle', 'hgssh-sshd', 'hgweb0-httpd']
  expect(alone.filter((name) => !isReported(name, 'SIGKILL'))).toEqual([])
  expect(stderr).toMatch(
    /^vitest-cluster: ldap-slapd: .*\n {2}unit: .*\n {2}last log lines:\n {4}\S/m,
  )
})
