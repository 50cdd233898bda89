// @module-tag vitest
import { readFileSync } from 'node:fs'
import { utimes } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { ONE_CACHE, project, spec } from '../support/project.ts'
import { passed, runVitest, VitestRun } from '../support/vitest.ts'

/** A globalSetup that writes down the variables at its begin and at its end. */
const notes = (name: string) => `
  import { appendFileSync } from 'node:fs'

  const note = (when) =>
    appendFileSync(new URL('./notes', import.meta.url), \`${name} \${when} \${process.env.CACHE_PORT}\\n\`)
  export default () => {
    note('begins')
    return () => note('ends')
  }
`

/** One test that expects the variables of its cluster at each time. */
const seesVariables = (variable = 'CACHE_PORT', config?: string) =>
  spec(
    `
    const imported = process.env.${variable}

    test('the variables are set', ({ cache }) => {
      expect(process.env.${variable}).toBe(String(cache.port))
      expect([globalThis.early.${variable}, imported]).toEqual([String(cache.port), String(cache.port)])
      expect(cache.unit).toContain(process.env.VITEST_CLUSTER_SESSION)
    })
  `,
    config,
  )

const EARLY = 'globalThis.early = { ...process.env }\n'

test('workers and a later globalSetup have the variables, which are unset afterwards', async () => {
  const own = project({
    'vitest.config.ts': `
      import { defineConfig } from 'vitest/config'
      import vitestCluster from 'vitest-cluster/plugin'

      export default defineConfig({
        plugins: [vitestCluster({ env: true })],
        test: {
          env: { CACHE_PORT: 'of test.env' },
          globalSetup: ['./before.ts', 'vitest-cluster/global-setup', './after.ts'],
          setupFiles: ['./early.ts'],
        },
      })
    `,
    'cluster.config.ts': ONE_CACHE,
    'before.ts': notes('before'),
    'after.ts': notes('after'),
    'early.ts': EARLY,
    'sees.spec.ts': seesVariables(),
  })
  const { exitCode, output, sessions } = await runVitest(own, { env: { CACHE_PORT: 'mine' } })
  expect(output).toMatch(passed(1))
  expect({ exitCode, sessions }).toEqual({ exitCode: 0, sessions: 1 })
  expect(readFileSync(own.path('notes'), 'utf8')).toMatch(
    /^before begins mine\nafter begins (\d+)\nafter ends \1\nbefore ends mine\n$/,
  )
})

test("in a workspace each project has its cluster's variables, in each pool", async () => {
  const config = (more: string, env = true) => `
    import { defineConfig } from 'vitest/config'
    import vitestCluster from 'vitest-cluster/plugin'

    export default defineConfig({
      plugins: [vitestCluster({ env: ${env} })],
      test: { setupFiles: ['../early.ts'], globalSetup: ['./notes.ts'], ${more} },
    })
  `
  const sees = (name: string, more: string) => ({
    [`${name}/vitest.config.ts`]: config(more),
    [`${name}/notes.ts`]: notes(name),
    [`${name}/sees.spec.ts`]: seesVariables('CACHE_PORT', '../cluster.config.ts'),
  })
  const none = `
    import { expect, test } from 'vitest'

    test('there are no variables', () => {
      expect(process.env).not.toHaveProperty('CACHE_PORT')
      expect(process.env).not.toHaveProperty('VITEST_CLUSTER_SESSION')
    })
  `
  const own = project({
    'vitest.config.ts': `
      import { defineConfig } from 'vitest/config'

      const projects = ['./forks', './threads', './vm-forks', './vm-threads', './quiet', './none']
      export default defineConfig({ test: { projects } })
    `,
    'cluster.config.ts': ONE_CACHE,
    'early.ts': EARLY,
    ...sees('forks', "pool: 'forks', isolate: false"),
    ...sees('threads', "pool: 'threads'"),
    'threads/cluster.config.ts': ONE_CACHE.replace('./cache.ts', '../cache.ts'),
    'threads/sees.spec.ts': seesVariables(),
    ...sees('vm-forks', "pool: 'vmForks'"),
    ...sees('vm-threads', "pool: 'vmThreads'"),
    'quiet/vitest.config.ts': config('', false),
    'quiet/notes.ts': notes('quiet'),
    'quiet/none.spec.ts': none,
    'none/vitest.config.ts': 'export default {}\n',
    'none/none.spec.ts': none,
  })
  const { exitCode, output, sessions } = await runVitest(own)
  expect(output).toMatch(passed(6))
  expect({ exitCode, sessions }).toEqual({ exitCode: 0, sessions: 2 })
  const port = (name: string) => {
    const seen = readFileSync(own.path(name, 'notes'), 'utf8')
    return /^\S+ begins (\S+)\n\S+ ends \1\n$/.exec(seen)?.[1] ?? seen
  }
  expect(port('forks')).toMatch(/^\d+$/)
  expect([port('vm-forks'), port('vm-threads')]).toEqual([port('forks'), port('forks')])
  expect(port('threads')).not.toBe(port('forks'))
  expect(port('quiet')).toBe('undefined')
})

test('the bare globalSetup sets the variables with VITEST_CLUSTER_ENV, under the names that a service chooses', async () => {
  const own = project({
    'vitest.config.ts': `
      import { defineConfig } from 'vitest/config'

      export default defineConfig({
        test: {
          globalSetup: ['vitest-cluster/global-setup', './broken.ts'],
          setupFiles: ['./early.ts'],
        },
      })
    `,
    'cluster.config.ts': ONE_CACHE.replace(
      'cache()',
      'cache({ variables: async (handle) => ({ MEMCACHED: handle.port, NONE: undefined }) })',
    ),
    // The session still ends in order, and the requested report is written
    'broken.ts': "export const teardown = () => { throw new Error('my own teardown') }\n",
    'early.ts': EARLY,
    'sees.spec.ts': `${seesVariables('MEMCACHED')}
      test('not by their default names', () => {
        expect(process.env).not.toHaveProperty('CACHE_PORT')
        expect(process.env).not.toHaveProperty('NONE')
      })
    `,
  })
  const env = { VITEST_CLUSTER_ENV: '1', VITEST_CLUSTER_REPORT: '1' }
  const { output } = await runVitest(own, { env })
  expect(output).toMatch(passed(2))
  expect(output).toContain('my own teardown')
  expect(output).toContain('vitest-cluster: report of session ')
})

test('an error thrown by the function variables is shown with its line', async () => {
  const own = project({
    'vitest.config.ts': `
      import { defineConfig } from 'vitest/config'
      import vitestCluster from 'vitest-cluster/plugin'

      export default defineConfig({ plugins: [vitestCluster({ env: true })] })
    `,
    'cluster.config.ts': ONE_CACHE.replace(
      'cache()',
      "cache({ variables: () => { throw new TypeError('no names today') } })",
    ),
    'sees.spec.ts': seesVariables(),
  })
  const { exitCode, output } = await runVitest(own)
  expect(output).toMatch(/TypeError: no names today.*cluster\.config\.ts:4:\d+/s)
  expect(exitCode).toBe(1)
})

test('in watch mode each run has the variables of the current session', async () => {
  const own = project({
    'vitest.config.ts': `
      import { defineConfig } from 'vitest/config'
      import vitestCluster from 'vitest-cluster/plugin'

      export default defineConfig({
        plugins: [vitestCluster({ env: true })],
        test: { globalSetup: ['./notes.ts'], setupFiles: ['./early.ts'] },
      })
    `,
    'cluster.config.ts': ONE_CACHE,
    'notes.ts': notes('own'),
    'early.ts': EARLY,
    'sees.spec.ts': seesVariables(),
  })
  await using vitest = await VitestRun.start(own, { command: 'watch' })
  const runs = () => vitest.output.match(/Tests +1 passed \(1\)/g)?.length ?? 0
  const waits = () => vitest.output.match(/(Waiting|Watching) for file changes/g)?.length ?? 0
  for (const [index, file] of ['sees.spec.ts', 'vitest.config.ts', ''].entries()) {
    await vitest.until(() => waits() === index + 1)
    expect(runs()).toBe(index + 1)
    if (file) await utimes(own.path(file), new Date(), new Date())
  }
  expect(vitest.sessions.size).toBe(2)
  await vitest.kill('SIGINT')
  await vitest.ended()
  const ports = readFileSync(own.path('notes'), 'utf8')
  expect(ports).toMatch(/^own begins (\d+)\nown ends \1\nown begins (?!\1)(\d+)\nown ends \2\n$/)
})
