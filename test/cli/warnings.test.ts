// @module-tag vitest
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { Shell } from '../support/cli.ts'
import { answers, project } from '../support/project.ts'
import { passed, runVitest } from '../support/vitest.ts'

const TOO_MANY = 2 * Number(readFileSync('/proc/sys/fs/nr_open', 'utf8'))
const WARNING = /^(vitest-cluster: )?warning: cache: LimitNOFILE is ignored: .+\n +fix: /gm

const files = {
  'cluster.config.ts': `
    import { defineCluster } from 'vitest-cluster'
    import { cache } from './cache.ts'

    export default defineCluster({
      services: { cache: cache({ unit: { LimitNOFILE: ${TOO_MANY} } }) },
    })
  `,
  'answers.spec.ts': answers(),
  'more.spec.ts': answers(),
}

test('a run, up and status warn once of a limit that the machine ignores', async () => {
  const own = project(files)
  const { exitCode, output, stdout } = await runVitest(own)
  expect(output).toMatch(passed(2))
  expect(output.match(WARNING)).toHaveLength(1)
  expect(stdout).not.toMatch(WARNING)
  expect(exitCode).toBe(0)

  const shell = await Shell.open(own)
  const up = await shell.run('up', '--detach')
  expect(up.stderr.match(WARNING)).toHaveLength(1)
  expect(up.stdout).not.toMatch(WARNING)
  expect((await shell.run('status')).stdout.match(WARNING)).toHaveLength(1)
  await shell.run('down')
})
