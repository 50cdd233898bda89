import { expect, test } from 'vitest'
import type { ClusterSettings } from '../../src/definition/cluster.ts'
import { defineCluster } from '../../src/definition/define.ts'
import { hostTree } from '../../src/tree.ts'
import { refusal } from '../helpers/refusal.ts'
import { script } from '../helpers/services.ts'

const services = { db: script('true') }

test('a cluster without options has its services only', () => {
  expect(defineCluster({ services })).toEqual({ services })
})

test('a cluster has its own options, and else those of the cluster that it extends', () => {
  const settings: ClusterSettings = {
    isolation: 'boot',
    network: 'private',
    dns: 'files',
    tree: hostTree(),
  }
  const base = defineCluster({ services, ...settings })
  expect(base).toEqual({ services, ...settings })
  const web = script('true')
  const both = { ...services, web }
  expect(defineCluster({ extends: base, services: { web } })).toEqual({
    services: both,
    ...settings,
  })
  const tree = hostTree().writableInMemory()
  const other: ClusterSettings = { isolation: 'auto', network: 'host', dns: 'host', tree }
  expect(defineCluster({ extends: base, services: { web }, ...other })).toEqual({
    services: both,
    ...other,
  })
})

test('the check applies to the options merged with those of the extended cluster', () => {
  const base = defineCluster({ services, isolation: 'boot', network: 'private' })
  expect(() => defineCluster({ extends: base, services: {}, isolation: 'range' })).toThrow(
    "the cluster has network: 'private' with isolation: 'range'",
  )
})

test.for([
  [
    { isolation: 'jail' },
    'the cluster has isolation: "jail"',
    "Use one of 'auto', 'chroot', 'range', 'boot', 'nspawn'.",
  ],
  [{ isolation: 7 }, 'the cluster has isolation: 7', "Use one of 'auto'"],
  [{ network: 'none' }, 'the cluster has network: "none"', "Use one of 'host', 'private'."],
  [{ dns: 'none' }, 'the cluster has dns: "none"', "Use one of 'files', 'host'."],
  [{ dns: true }, 'the cluster has dns: true', "Use one of 'files', 'host'."],
  [
    { dns: 'host', network: 'private', isolation: 'boot' },
    "the cluster has dns: 'host' with network: 'private', from which no name server can be reached",
    'Remove one of the two',
  ],
  [
    { network: 'private' },
    "the cluster has network: 'private' with isolation: 'auto'",
    "add isolation: 'boot'.",
  ],
  [
    { network: 'private', isolation: 'nspawn' },
    "with isolation: 'nspawn'",
    "add isolation: 'boot'.",
  ],
  [{ tree: 'trixie' }, "the cluster's tree is not a tree", 'Write tree: debianTree('],
  [{ tree: null }, "the cluster's tree is not a tree", 'Write tree: debianTree('],
  [{ tree: { base: {} } }, "the cluster's tree is not a tree", 'Write tree: debianTree('],
  [{ tree: { layers: [] } }, "the cluster's tree is not a tree", 'Write tree: debianTree('],
] as const)('%j is refused', ([settings, message, fix]) => {
  expect(refusal(() => defineCluster({ services, ...settings } as never))).toEqual({
    code: 'INVALID_DEFINITION',
    message: expect.stringContaining(message),
    fix: expect.stringContaining(fix),
  })
})

test.for([
  { isolation: 'auto' },
  { isolation: 'nspawn', network: 'host', dns: 'host' },
  { isolation: 'boot', network: 'private' },
] as const)('%j is accepted', (settings) => {
  expect(defineCluster({ services, ...settings })).toEqual({ services, ...settings })
})
