import { expect, test } from 'vitest'
import { ONE_CACHE, project, spec } from '../support/project.ts'
import { plugin } from '../support/projects/plugin.ts'
import { runVitest } from '../support/vitest.ts'

test('a lack of descriptors in the set-up is reported, and Vitest ends as after any error', async () => {
  const outputs: string[] = []
  // Vitest's own need varies; a session needs some 10 more
  for (const most of [30, 36, 42, 48]) {
    const through = ['prlimit', `--nofile=${most}`]
    const { exitCode, output } = await runVitest(project(plugin), { through })
    expect([0, 1], output).toContain(exitCode)
    outputs.push(output)
    if (exitCode === 0 || output.includes('[NO_DESCRIPTORS]')) break
  }
  expect(outputs.at(-1)).toContain('[NO_DESCRIPTORS]')
  expect(outputs.at(-1)).toContain('fix: ulimit -n')
})

test('a lack of descriptors in a worker is reported by a handle, which works again when some are free', async () => {
  const files = {
    'cluster.config.ts': ONE_CACHE,
    'short.spec.ts': `import { execFileSync } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
${spec(`
      const failed = async (work: () => unknown) => {
        try {
          await work()
        } catch (error) {
          return (error as { code: string }).code
        }
      }

      test('uses a handle', async ({ cache }) => {
        const { exec, restart, log } = cache
        execFileSync('prlimit', ['--pid', String(process.pid), '--nofile=200:'])
        const taken: number[] = []
        try {
          for (;;) taken.push(openSync('/dev/null', 'r'))
        } catch {}
        const codes = [
          await failed(() => exec(['true'])),
          await failed(() => restart()),
          await failed(() => log.text()),
          await failed(() => log.waitFor('never', { timeout: 100 })),
          await failed(() => cache.port),
        ]
        for (const each of taken) closeSync(each)
        expect(codes).toEqual(Array(5).fill('NO_DESCRIPTORS'))
        await exec(['true'])
        await restart()
        expect(await cache.ask('version')).toMatch(/^VERSION /)
      })
    `)}`,
  }
  const { exitCode, output } = await runVitest(project(files))
  expect(exitCode, output).toBe(0)
})
