import { expect, onTestFinished } from 'vitest'
import { test } from './support/test.ts'

const REFUSED = 'remote: replication log not available; all writes disabled'
const RECORDED = /^remote: recorded changegroup in replication log/m

test('a push needs two of the three Kafka brokers', async ({ client, servers, hgweb0, hgweb1 }) => {
  await servers.newRepository('projects/jamun')
  const user = await client.newUser('heidi', { uid: 1801, scmLevel: 1 })
  const clone = await client.newClone('projects/jamun', user)
  const push = async () => (await clone.push()).output

  // Also after a failure: other files use the brokers
  onTestFinished(() => Promise.all([hgweb0.kafka.start(), hgweb1.kafka.start()]).then(() => {}))
  await hgweb0.kafka.stop({ alone: true })
  const first = await clone.commit('With two brokers')
  // Its partitions may have no leader for a moment
  await expect.poll(push, { timeout: 60_000 }).toMatch(RECORDED)

  await hgweb1.kafka.stop({ alone: true })
  const second = await clone.commit('With one broker')
  const { exitCode, output } = await clone.push()
  expect(output).toContain(REFUSED)
  expect(output).toContain('remote: pretxnopen.vcsreplicator hook failed')
  expect(exitCode).toBe(255)
  expect(await servers.changesets('projects/jamun')).toEqual([first])

  await Promise.all([hgweb0.kafka.start(), hgweb1.kafka.start()])
  // A broker that is up leads and follows again a little later
  await expect.poll(push, { timeout: 60_000 }).toMatch(RECORDED)
  expect(await servers.changesets('projects/jamun')).toEqual([second, first])
  await servers.replicated()
  for (const mirror of servers.mirrors)
    expect(await servers.replicas(mirror, 'projects/jamun')).toEqual([second, first])
})
