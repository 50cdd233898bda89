import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { freePort } from '../../packages/vitest-cluster/test/helpers/free-port.ts'
import { ONE_CACHE, project, spec } from '../support/project.ts'
import { passed, runVitest, VitestRun } from '../support/vitest.ts'

const config = (projects: Readonly<Record<string, string>>) => `
  import { defineConfig } from 'vitest/config'
  import vitestCluster from 'vitest-cluster/plugin'

  const named = (name, options) => ({
    plugins: [vitestCluster(options)],
    test: { name, env: { WANTED: String(Object.values(options.ports ?? {})) } },
  })

  export default defineConfig({ test: { projects: [
    ${Object.entries(projects)
      .map(([name, options]) => `named('${name}', ${options}),`)
      .join('\n')}
  ] } })
`

const files = (projects: Readonly<Record<string, string>>) => ({
  'vitest.config.ts': config(projects),
  'cluster.config.ts': ONE_CACHE,
  'port.spec.ts': spec(`
    test('the service has the port of the project', async ({ cache }) => {
      expect(await cache.ask('version')).toMatch(/^VERSION /)
      const { WANTED } = process.env
      if (WANTED) expect(cache.port).toBe(Number(WANTED))
      else expect(cache.port).toBeGreaterThanOrEqual(10_000)
    })
  `),
})

test('projects share a session if they name the same ports', async () => {
  const port = await freePort()
  const same = `{ ports: { cache: ${port} } }`
  const other = `{ ports: { 'cache.cache': ${await freePort()} } }`
  const outcome = await runVitest(project(files({ a: same, b: same, c: other, d: '{}' })))
  expect(outcome.output).toMatch(passed(4))
  expect(outcome).toMatchObject({ exitCode: 0, sessions: 3 })
})

test('a second run with the port fails at once, with the first run in its error', async () => {
  const port = await freePort()
  const own = project({
    ...files({ a: `{ ports: { cache: ${port} } }` }),
    'port.spec.ts': spec(`
      import { existsSync } from 'node:fs'

      test('the session stays up until the second run has ended', async ({ cache }) => {
        console.log('up on', cache.port)
        await expect.poll(() => existsSync(process.env.TMPDIR + '/go'), { timeout: 60_000 }).toBe(true)
      }, 70_000)
    `),
  })
  await using first = await VitestRun.start(own)
  await first.until(() => first.output.includes(`up on ${port}`))
  const [id] = first.sessions
  const second = await runVitest(own)
  expect(second.exitCode).toBe(1)
  expect(second.output).toContain(
    `cache: its port cache = ${port} is in use: session ${id} has it for its service cache (opened by a test run `,
  )
  expect(second.output).toContain(`it ends with process ${first.child.pid}`)
  await writeFile(join(first.directory, 'go'), '')
  expect(await first.ended()).toBe(0)
})
