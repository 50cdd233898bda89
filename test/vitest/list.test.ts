// @module-tag vitest
import { join } from 'node:path'
import { execa } from 'execa'
import { expect, test } from 'vitest'
import { INSTALLED, ONE_CACHE, project } from '../support/project.ts'
import { environment } from '../support/vitest.ts'

/** The tests that `vitest list` and editors find in a file without running it: they recognize calls by name. */
async function listed(files: Readonly<Record<string, string>>): Promise<string[]> {
  const { directory } = project(files)
  const vitest = join(INSTALLED, 'node_modules/vitest/vitest.mjs')
  const { stdout } = await execa(
    process.execPath,
    [vitest, 'list', '--static-parse', '--root', directory],
    { cwd: directory, env: environment(), extendEnv: false },
  )
  return stdout.split('\n')
}

test('vitest list shows only the tests of a file, and no call of this package', async () => {
  const tests = await listed({
    'cluster.config.ts': ONE_CACHE,
    'listed.spec.ts': `
      import { test as base, describe } from 'vitest'
      import * as entry from 'vitest-cluster/test'
      import { clusterFixtures, withCluster, withService } from 'vitest-cluster/test'
      import { test as sshTest } from '@vitest-cluster/fixtures/ssh'
      import cluster from './cluster.config.ts'

      const test = withCluster(cluster)
      describe('a suite', () => {
        test('one', ({ cache }) => cache.name)
      })
      const clientTest = base.extend(clusterFixtures(cluster)).extend('client', ({ cache }) => cache)
      clientTest('two', ({ client }) => client.name)
      const it = withService('cache', ({ ports }) => ({ port: ports.cache }))
      it('three', ({ cache }) => cache.port)
      sshTest('four', ({ ssh }) => ssh.url)
      entry.withCluster(cluster)
      entry.withService('cache', () => ({}))
      entry.clusterFixtures(cluster)
    `,
  })
  const expected = ['a suite > one', 'two', 'three', 'four'].map(
    (name) => `listed.spec.ts > ${name}`,
  )
  expect(tests).toEqual(expected)
})

test.for([
  'vitest-cluster',
  'vitest-cluster/plugin',
  'vitest-cluster/test',
  'vitest-cluster/tree',
  '@vitest-cluster/fixtures',
])('no export of %s has a name that Vitest recognizes as a test', async (entry) => {
  const names = Object.keys(await import(entry))
  expect(names.length).toBeGreaterThan(0)
  expect(names.filter((name) => /^(it|describe|suite)$|^test|Test$/.test(name))).toEqual([])
})
