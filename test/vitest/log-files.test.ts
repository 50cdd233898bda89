// @module-tag vitest
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { project, spec } from '../support/project.ts'
import { runVitest } from '../support/vitest.ts'

test('a failed test shows the lines that its service wrote to its log file until the end of the test', async () => {
  const own = project({
    'cluster.config.ts': `
      import { defineCluster, defineService } from 'vitest-cluster'

      const app = defineService({
        kind: 'app',
        command: () => ['/bin/sh', '-c', 'echo started >>/var/log/app.log; exec sleep infinity'],
        logFiles: ['/var/log/app.log'],
        ready: { logLine: '^started$' },
      })

      export default defineCluster({ services: { app } })
    `,
    'app.spec.ts': spec(`
      test('fails', async ({ app }) => {
        await app.exec(['sh', '-c', 'echo written at the end >>/var/log/app.log'])
        expect(1).toBe(2)
      })
    `),
  })
  const { output } = await runVitest(own)
  const [, failure = ''] = output.split('FAIL  app.spec.ts > fails')
  expect(failure).toMatch(/app wrote during this test\n.*written at the end\n/)
  expect(failure).not.toContain('started')
  const [, kept = ''] = /all logs of session \w+: (.*)/.exec(output) ?? []
  const text = await readFile(join(kept, 'app.log'), 'utf8')
  expect(text).toBe('started\nwritten at the end\n')
})
