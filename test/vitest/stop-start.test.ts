// @module-tag user
import { expect, test } from 'vitest'
import { project, spec } from '../support/project.ts'
import { runVitest } from '../support/vitest.ts'

const changes = spec(`
  test('the service is stopped and started', { timeout: 60_000 }, async ({ shared }) => {
    for (let round = 0; round < 3; round++) {
      await shared.stop()
      await shared.start()
      await shared.kill().catch(({ code }) => expect(code).toBe('SERVICE_STOPPED'))
      await shared.restart()
    }
  })
`)

test('workers can stop, start and kill services, also the same one at the same time', async () => {
  const { output } = await runVitest(
    project({
      'cluster.config.ts': `
        import { defineCluster } from 'vitest-cluster'
        import { cache } from './cache.ts'

        export default defineCluster({ services: { shared: cache(), own: cache() } })
      `,
      'one.spec.ts': changes,
      'two.spec.ts': changes,
      'own.spec.ts': spec(`
        test('a service is killed and brought back', async ({ own }) => {
          await own.kill()
          expect(() => own.ask).toThrow("kill('SIGKILL') sent the signal")
          await own.start()
          expect(await own.ask('version')).toMatch(/^VERSION /)
        })

        test('a test fails after it stopped a service', async ({ own }) => {
          await own.stop()
          expect(1).toBe(2)
        })
      `),
    }),
  )
  expect(output).toMatch(/Tests +1 failed \| 3 passed \(4\)/)
  expect(output).toContain('was stopped by stop()')
  expect(output).not.toContain('It ended while the session was up')
})
