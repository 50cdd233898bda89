// @module-tag user
// @module-tag vitest
import { existsSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { answers, ONE_CACHE, project } from '../support/project.ts'
import { plugin } from '../support/projects/plugin.ts'
import { passed, runVitest } from '../support/vitest.ts'

describe('a project gets its cluster', () => {
  test('by the plugin, which prints and keeps nothing if all tests pass', {
    tags: ['systemd'],
  }, async () => {
    const own = project(plugin)
    const { exitCode, output, sessions } = await runVitest(own)
    expect(output).toMatch(passed(3))
    expect({ exitCode, sessions }).toEqual({ exitCode: 0, sessions: 1 })
    expect(output).not.toMatch(/vitest-cluster:|wrote during|critical chain/)
    expect(existsSync(own.path('.vitest/cluster'))).toBe(false)
  })

  test('by the globalSetup module without the plugin', async () => {
    const { exitCode, output, sessions } = await runVitest(
      project({
        'vitest.config.ts': `
          import { defineConfig } from 'vitest/config'

          export default defineConfig({ test: { globalSetup: ['vitest-cluster/global-setup'] } })
        `,
        'cluster.config.ts': ONE_CACHE,
        'answers.spec.ts': answers(),
      }),
    )
    expect(output).toMatch(passed(1))
    expect({ exitCode, sessions }).toEqual({ exitCode: 0, sessions: 1 })
  })

  test('from the file in the option config', async () => {
    const { exitCode, output } = await runVitest(
      project({
        'vitest.config.ts': `
          import { defineConfig } from 'vitest/config'
          import vitestCluster from 'vitest-cluster/plugin'

          export default defineConfig({ plugins: [vitestCluster({ config: './services/all.ts' })] })
        `,
        'services/all.ts': ONE_CACHE.replace('./cache.ts', '../cache.ts'),
        'answers.spec.ts': answers('./services/all.ts'),
      }),
    )
    expect(output).toMatch(passed(1))
    expect(exitCode).toBe(0)
  })
})

describe('handles work', () => {
  // Forks with isolation are the default, as in the run above
  test.for([
    ['forks', '--no-isolate'],
    ['threads', '--isolate'],
    ['threads', '--no-isolate'],
  ])('in the pool %s with %s', async ([pool, isolation = '']) => {
    const args = [`--pool=${pool}`, isolation]
    const { exitCode, output, sessions } = await runVitest(project(plugin), { args })
    expect(output).toMatch(passed(3))
    expect({ exitCode, sessions }).toEqual({ exitCode: 0, sessions: 1 })
  })
})

test("the time that a service takes to start is not charged to the first test's time-out", async () => {
  const { exitCode, output } = await runVitest(
    project({
      'vitest.config.ts': `
        import { defineConfig } from 'vitest/config'
        import vitestCluster from 'vitest-cluster/plugin'

        // Less than the service takes to be ready
        export default defineConfig({ plugins: [vitestCluster()], test: { testTimeout: 500 } })
      `,
      'cluster.config.ts': `
        import { defineCluster } from 'vitest-cluster'
        import { cache } from './cache.ts'

        const script = 'sleep 1; exec memcached -l 127.0.0.1 -p "$0" -U 0'
        export default defineCluster({
          services: {
            cache: cache({ command: ({ ports }) => ['sh', '-c', script, String(ports.cache)] }),
          },
        })
      `,
      'answers.spec.ts': answers(),
    }),
  )
  expect(output).toMatch(passed(1))
  expect(exitCode).toBe(0)
})
