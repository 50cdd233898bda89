import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { MILESTONES, SIGNALS } from '../support/signals.ts'
import { VitestRun } from '../support/vitest.ts'

const stuck = [
  { name: 'stuck', what: 'a test that never ends' },
  { name: 'never-ready', what: 'a service that is never ready' },
]

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGKILL'] as const) {
  test.for(stuck)(`after ${signal} nothing is left of a session with $what`, async ({ name }) => {
    await using run = await VitestRun.start(name)
    await run.until(() => existsSync(join(run.directory, 'stuck')))
    await run.kill(signal)
    await run.nothingLeft()
    expect(await run.ended()).toBe(SIGNALS[signal])
  })
}

test.for(['session begins', 'tests begin'] as const)(
  'after Ctrl-C, which every process of the group gets, nothing is left (%s)',
  async (after) => {
    await using run = await VitestRun.start('signals', { group: true })
    await run.until(() => MILESTONES[after](run))
    await run.interruptGroup()
    await run.nothingLeft()
    expect(await run.ended()).toBe(130)
  },
)
