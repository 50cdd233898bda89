import { expect } from 'vitest'
import { test } from './support/test.ts'

const REFUSED = 'remote: replication log not available; all writes disabled'

test('a push needs two of the three Kafka brokers', async ({ client, servers, hgweb0, hgweb1 }) => {
  await servers.newRepository('projects/jamun')
  const user = await client.newUser('heidi', { uid: 1801, scmLevel: 1 })
  const clone = await client.newClone('projects/jamun', user)

  await hgweb0.kafka.stop({ alone: true })
  const first = await clone.commit('With two brokers')
  expect(await clone.push()).toMatchObject({ exitCode: 0 })

  await hgweb1.kafka.stop({ alone: true })
  const second = await clone.commit('With one broker')
  const { exitCode, output } = await clone.push()
  expect(output).toContain(REFUSED)
  expect(output).toContain('remote: pretxnopen.vcsreplicator hook failed')
  expect(exitCode).toBe(255)
  expect(await servers.changesets('projects/jamun')).toEqual([first])

  await Promise.all([hgweb0.kafka.start(), hgweb1.kafka.start()])
  // A broker that is up leads and follows again a little later
  await expect.poll(() => clone.push(), { timeout: 30_000 }).toMatchObject({ exitCode: 0 })
  expect(await servers.changesets('projects/jamun')).toEqual([second, first])
  await servers.replicated()
  for (const mirror of servers.mirrors)
    expect(await servers.replicas(mirror, 'projects/jamun')).toEqual([second, first])
})
