import { expect, onTestFinished } from 'vitest'
import { clusterOf } from '../client/cluster.ts'
import { test } from './support/test.ts'

test('a mirror whose consumers were stopped during a push catches up', async ({
  client,
  servers,
  hgweb0,
  hgweb1,
}) => {
  await servers.newRepository('projects/elm')
  const user = await client.newUser('frank', { uid: 1701, scmLevel: 1 })
  const clone = await client.newClone('projects/elm', user)
  await servers.replicated()
  const mirror = clusterOf(async () => hgweb1)
  const names = (await mirror.services('hgweb1')).filter((each) => /^vcsreplicator-/.test(each))
  expect(names).toHaveLength(9)
  // Also after a failure: other files use the mirror
  onTestFinished(() => hgweb1.start())
  await Promise.all(names.map((name) => mirror.stop('hgweb1', name)))

  const changeset = await clone.commit('While they are stopped')
  expect((await clone.push()).output).toContain('recorded changegroup in replication log')
  await servers.replicated([hgweb0])
  expect(await servers.replicas(hgweb0, 'projects/elm')).toEqual([changeset])
  expect(await servers.replicas(hgweb1, 'projects/elm')).toEqual([])

  await Promise.all(names.map((name) => mirror.start('hgweb1', name)))
  await servers.replicated([hgweb1])
  expect(await servers.replicas(hgweb1, 'projects/elm')).toEqual([changeset])
})

test('a mirror that was down during a push catches up', async ({
  client,
  servers,
  hgweb0,
  hgweb1,
}) => {
  await servers.newRepository('projects/holly')
  const user = await client.newUser('grace', { uid: 1702, scmLevel: 1 })
  const clone = await client.newClone('projects/holly', user)
  await servers.replicated()
  // With its Kafka and ZooKeeper, and as when a machine loses its power: nothing else is stopped with it
  const mirror = clusterOf(async () => hgweb1)
  const names = await mirror.services('hgweb1')
  // Also after a failure: other files use the mirror
  onTestFinished(() => hgweb1.start())
  await Promise.all(names.map((name) => mirror.stop('hgweb1', name)))
  await expect(servers.served(hgweb1, 'projects/holly')).rejects.toThrow('fetch failed')

  const changeset = await clone.commit('While it is down')
  expect((await clone.push()).output).toContain('recorded changegroup in replication log')
  await servers.replicated([hgweb0])
  expect(await servers.replicas(hgweb0, 'projects/holly')).toEqual([changeset])

  await hgweb1.start()
  await servers.replicated([hgweb1])
  expect(await servers.replicas(hgweb1, 'projects/holly')).toEqual([changeset])
  const page = await servers.served(hgweb1, `projects/holly/json-rev/${changeset}`)
  expect(await page.json()).toMatchObject({ node: changeset })
})
