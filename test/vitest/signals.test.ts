// @module-tag user
// @module-tag private
// @module-tag vitest
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { answers, project } from '../support/project.ts'
import { signals } from '../support/projects/signals.ts'
import { stuck } from '../support/projects/stuck.ts'
import { MILESTONES, SIGNALS } from '../support/signals.ts'
import { VitestRun } from '../support/vitest.ts'

const neverReady = {
  'cluster.config.ts': `
    import { writeFileSync } from 'node:fs'
    import { tmpdir } from 'node:os'
    import { join } from 'node:path'
    import { defineCluster } from 'vitest-cluster'
    import { cache } from './cache.ts'

    const command = () => {
      // Its start is about to be awaited
      writeFileSync(join(tmpdir(), 'stuck'), '')
      return ['sleep', '60']
    }
    export default defineCluster({ services: { cache: cache({ command }) } })
  `,
  'answers.spec.ts': answers(),
}

const waits = [
  { files: stuck, what: 'a test that never ends' },
  { files: neverReady, what: 'a service that is never ready' },
]

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGKILL'] as const) {
  test.for(waits)(`nothing of a session with $what is left after ${signal}`, async ({ files }) => {
    await using run = await VitestRun.start(project(files))
    await run.until(() => existsSync(join(run.directory, 'stuck')))
    await run.kill(signal)
    expect(await run.ended()).toBe(SIGNALS[signal])
    await run.nothingLeft()
  })
}

test.for(['session begins', 'tests begin'] as const)(
  'nothing is left after Ctrl-C, which signals every process of the group (%s)',
  async (after) => {
    await using run = await VitestRun.start(project(signals), { group: true })
    await run.until(() => MILESTONES[after](run))
    await run.interruptGroup()
    await run.nothingLeft()
    expect(await run.ended()).toBe(130)
  },
)
