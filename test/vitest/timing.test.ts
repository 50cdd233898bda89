// @module-tag vitest
import { expect, test } from 'vitest'
import { selectManager } from '../../packages/vitest-cluster/src/open/select-manager.ts'
import { criticalPath } from '../../packages/vitest-cluster/src/report/chain.ts'
import { answers, project } from '../support/project.ts'
import { passed, runVitest, type VitestOptions, withPrivateManager } from '../support/vitest.ts'

const chain = {
  'cluster.config.ts': `
    import { defineCluster } from 'vitest-cluster'
    import { cache } from './cache.ts'
    import { parrot } from './parrot.ts'

    export default defineCluster({
      services: {
        first: parrot(),
        second: parrot({ dependsOn: ['first'] }),
        cache: cache({ dependsOn: ['first', 'second'] }),
      },
    })
  `,
  'answers.spec.ts': answers(),
}

/** The row of a table in the output, as words. */
const row = (output: string, name: string) =>
  new RegExp(`^ +${name} +(.*)$`, 'm').exec(output)?.[1]?.split(/ +/) ?? []

const chosen = (await selectManager()).kind
const managers: Record<string, VitestOptions> = {
  private: withPrivateManager(),
  // Root's is a private one
  ...(chosen === 'user' ? { user: {} } : {}),
}

for (const [manager, options] of Object.entries(managers)) {
  test(`VITEST_CLUSTER_TIMING=1 prints the start-up chain, with the times of a ${manager} manager`, async () => {
    const { output } = await runVitest(project(chain), {
      ...options,
      env: { ...options.env, VITEST_CLUSTER_TIMING: '1' },
    })
    expect(output).toMatch(passed(1))
    for (const phase of ['definition', 'manager', 'tree', 'ports', 'plan', 'services'])
      expect(row(output, phase), phase).toHaveLength(3)
    const [first, second, cache] = ['first', 'second', 'cache'].map((name) => {
      const [queued, begun, started, ready, waited] = row(output, name)
      const times = [queued, begun, started, ready].map(Number)
      // All of them, in order
      expect(times).toEqual(times.toSorted((a, b) => a - b))
      return { begun: Number(begun), ready: Number(ready), waited }
    })
    expect([first?.waited, second?.waited, cache?.waited]).toEqual(['-', 'first', 'second'])
    // Printed with one decimal below ten, without above
    expect((second?.begun ?? 0) + 1).toBeGreaterThanOrEqual(first?.ready ?? 0)
    expect((cache?.begun ?? 0) + 1).toBeGreaterThanOrEqual(second?.ready ?? 0)
    expect(output).toMatch(/critical chain.*\n +cache @\d+ ms .*\n +└─second @.*\n +└─first @/)
  })
}

test('the critical path includes the dependency that was ready last', () => {
  const service = (name: string, ready: number, dependsOn: string[] = []) => ({
    service: name,
    dependsOn,
    begun: 0,
    started: 0,
    ready,
  })
  const all = [
    service('web', 90, ['db', 'cache']),
    service('db', 80),
    service('cache', 20),
    service('alone', 85),
  ]
  expect(criticalPath(all).map(({ service: name }) => name)).toEqual(['web', 'db'])
  expect(criticalPath([])).toEqual([])
})
