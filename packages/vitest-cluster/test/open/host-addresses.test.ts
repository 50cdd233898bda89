// @module-tag user
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { defineCluster } from '../../src/index.ts'
import { endSession } from '../../src/lifetime/end.ts'
import { openInternal } from '../../src/open/open-session.ts'
import { planCluster } from '../../src/open/plan-cluster.ts'
import type { SessionPlan } from '../../src/plan/session-plan.ts'
import { chooseSession } from '../../src/session/find.ts'
import { child, started } from '../helpers/child.ts'
import { isHeld } from '../helpers/port-lock.ts'
import { script } from '../helpers/services.ts'

/** So many hosts without addresses. */
function cluster(count: number) {
  const names = Array.from({ length: count }, (_, index) => `h${index}`)
  const hosts = Object.fromEntries(names.map((name) => [name, {}]))
  return defineCluster({ services: { main: script('exec sleep 1000000') }, hosts })
}

const addressesOf = ({ hosts }: SessionPlan) => Object.values(hosts).map(({ address }) => address)

const networkOf = (address = '') => `network/${address.split('.').slice(0, 3).join('.')}`

test('sessions and plans at once have addresses of different networks', async () => {
  await using one = await openInternal(cluster(2))
  const two = await openInternal(cluster(1))
  const networks = [one, two].map(({ plan }) => networkOf(addressesOf(plan)[0]))
  expect(addressesOf(one.plan)).toEqual([
    expect.stringMatching(/^127\.0\.\d+\.1$/),
    expect.stringMatching(/^127\.0\.\d+\.2$/),
  ])
  expect(new Set(networks).size).toBe(2)
  expect(await Promise.all(networks.map(isHeld))).toEqual([true, true])
  const planned = networkOf(addressesOf(await planCluster(cluster(1), '/'))[0])
  expect(networks).not.toContain(planned)
  await two.close()
  expect(await Promise.all(networks.map(isHeld))).toEqual([true, false])
})

test('the addresses of a session are free when its process is killed, and held after detach', async () => {
  const {
    said,
    process: owner,
    ended,
  } = await child<{ id: string; address: string }>('./opens-host.ts')
  expect(await isHeld(networkOf(said.address))).toBe(true)
  owner.kill('SIGKILL')
  await ended
  expect(await isHeld(networkOf(said.address))).toBe(false)

  const session = await openInternal(cluster(1), { purpose: 'up' })
  const [address] = addressesOf(session.plan)
  await session.detach()
  onTestFinished(async () => {
    await endSession(await chooseSession({ id: session.id }))
    expect(await isHeld(networkOf(address))).toBe(false)
  })
  expect(await isHeld(networkOf(address))).toBe(true)
})

test('a session has 254 addresses, and no session gets one when all networks are leased', async () => {
  const most = await planCluster(cluster(254), '/')
  expect(new Set(addressesOf(most)).size).toBe(254)
  await expect(planCluster(cluster(255), '/')).rejects.toMatchObject({
    code: 'INVALID_DEFINITION',
    message: expect.stringContaining(
      'the cluster has 255 hosts without an address, and a session has 254',
    ),
  })

  const module = fileURLToPath(new URL('../helpers/leases-networks.ts', import.meta.url))
  const { said } = await started('unshare', '-rn', process.execPath, module)
  expect(JSON.parse(said)).toEqual({
    ...{ first: '127.0.10', last: '127.0.255', code: 'NO_ADDRESS' },
    message: expect.stringContaining('fix: End sessions'),
  })
})
