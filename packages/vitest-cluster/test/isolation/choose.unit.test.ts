import { expect, test } from 'vitest'
import type { ClusterSettings } from '../../src/definition/cluster.ts'
import type { ServiceInput } from '../../src/definition/service.ts'
import { defineCluster } from '../../src/index.ts'
import { chooseIsolation } from '../../src/isolation/choose.ts'
import { hostTree } from '../../src/tree.ts'
import { script } from '../helpers/services.ts'

/** The isolation chosen for a cluster of one service, in cases that do not depend on the machine. */
function chosen(
  options: Partial<ServiceInput>,
  settings: ClusterSettings = {},
  env: NodeJS.ProcessEnv = {},
) {
  return chooseIsolation(
    defineCluster({ ...settings, services: { web: script('true', options) } }),
    env,
  )
}

test('the cheapest isolation is the default', async () => {
  expect(await chosen({})).toMatchObject({ name: 'chroot' })
  expect(await chosen({ tree: hostTree() }, { isolation: 'auto' })).toMatchObject({
    name: 'chroot',
  })
  for (const VITEST_CLUSTER_ISOLATION of ['', 'auto', 'chroot'])
    expect(await chosen({}, {}, { VITEST_CLUSTER_ISOLATION })).toMatchObject({ name: 'chroot' })
})

test('the definition overrides the environment', async () => {
  const env = { VITEST_CLUSTER_ISOLATION: 'no such word' }
  expect(await chosen({}, { isolation: 'chroot' }, env)).toMatchObject({ name: 'chroot' })
})

test.for(['jail', 'CHROOT', 'toString'])('VITEST_CLUSTER_ISOLATION=%s is refused', async (word) => {
  await expect(chosen({}, {}, { VITEST_CLUSTER_ISOLATION: word })).rejects.toMatchObject({
    code: 'INVALID_DEFINITION',
    details: {
      message: `VITEST_CLUSTER_ISOLATION=${word} is not an isolation`,
      fix: 'Use one of auto, chroot, range, boot, nspawn.',
    },
  })
})

test.for([
  ['chroot', ['uids'], 'accounts with uids of their own', "'range' or 'boot' or 'nspawn'"],
  ['chroot', ['systemd'], 'a systemd that is PID 1 of its tree', "'boot' or 'nspawn'"],
  ['range', ['uids', 'systemd'], 'a systemd that is PID 1 of its tree', "'boot' or 'nspawn'"],
] as const)(
  'isolation %s is refused for a service that needs %j',
  async ([isolation, needs, lacking, enough]) => {
    const error = {
      code: 'NEEDS_ISOLATION',
      details: {
        service: 'web',
        message: `needs ${lacking}, which isolation '${isolation}' does not have`,
        fix: `Write isolation: ${enough} (or 'auto') in the cluster's definition.`,
      },
    }
    await expect(chosen({ needs }, { isolation })).rejects.toMatchObject(error)
    const env = { VITEST_CLUSTER_ISOLATION: isolation }
    await expect(chosen({ needs }, {}, env)).rejects.toMatchObject(error)
  },
)
