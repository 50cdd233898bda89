import { expect } from 'vitest'
import { test } from './support/test.ts'

test('a repository that is created on the master appears on both mirrors', async ({ servers }) => {
  expect(await servers.newRepository('projects/ash')).toContain(
    '(recorded repository creation in replication log)',
  )
  await servers.replicated()
  for (const mirror of servers.mirrors) {
    expect(await servers.replicas(mirror, 'projects/ash')).toEqual([])
    expect((await servers.served(mirror, 'projects/ash')).status).toBe(200)
  }
})

test('a push by ssh is on the master, and both mirrors serve it', async ({ client, servers }) => {
  await servers.newRepository('projects/birch')
  const alice = await client.newUser('alice', { uid: 1501, scmLevel: 1 })
  const clone = await client.newClone('projects/birch', alice)
  const changeset = await clone.commit('Say hello')

  const { exitCode, output } = await clone.push()
  expect(output).toContain(`https://hg.mozilla.org/projects/birch/rev/${changeset}`)
  expect(output).toMatch(/^remote: recorded push in pushlog$/m)
  expect(output).toMatch(/^remote: recorded changegroup in replication log in \d+\.\d+s$/m)
  expect(exitCode).toBe(0)
  expect(await servers.changesets('projects/birch')).toEqual([changeset])

  await servers.replicated()
  for (const mirror of servers.mirrors) {
    expect(await servers.replicas(mirror, 'projects/birch')).toEqual([changeset])
    const response = await servers.served(mirror, `projects/birch/json-rev/${changeset}`)
    expect(await response.json()).toMatchObject({
      ...{ node: changeset, desc: 'Say hello', pushid: 1, pushuser: alice.email },
    })
  }
})

test('who is not in the group of a repository cannot push to it', async ({ client, servers }) => {
  await servers.newRepository('level-3', 'scm_level_3')
  const bob = await client.newUser('bob', { uid: 1502, scmLevel: 1 })
  const clone = await client.newClone('level-3', bob)
  await clone.commit('Not allowed')
  const { exitCode, output } = await clone.push()
  expect(output).toMatch(/^remote: abort: could not lock .*level-3: Permission denied$/m)
  expect(exitCode).toBe(255)
  expect(await servers.changesets('level-3')).toEqual([])
})

test('who has no Mercurial account cannot push', async ({ client, servers }) => {
  await servers.newRepository('no-account')
  const carol = await client.newUser('carol', { uid: 1503, hgAccess: false })
  const clone = await client.newClone('no-account', carol)
  await clone.commit('Not allowed')
  const { exitCode, output } = await clone.push()
  expect(output).toContain('Mercurial access is not currently enabled on your LDAP account.')
  expect(exitCode).toBe(255)
  expect(await servers.changesets('no-account')).toEqual([])
})

test('who has a key that the directory does not know cannot push', async ({ client, servers }) => {
  await servers.newRepository('no-key')
  const dave = await client.newUser('dave', { uid: 1504, scmLevel: 1 })
  const eve = await client.newUser('eve', { uid: 1505, scmLevel: 1 })
  const clone = await client.newClone('no-key', { ...dave, keyFile: eve.keyFile })
  await clone.commit('Not allowed')
  const { exitCode, output } = await clone.push()
  expect(output).toContain('dave@example.com@hgssh: Permission denied (publickey).')
  expect(exitCode).toBe(255)
  expect(await servers.changesets('no-key')).toEqual([])
})
