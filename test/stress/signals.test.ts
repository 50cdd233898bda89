import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ONE_CACHE, Project, project, spec } from '../support/project.ts'
import { signals } from '../support/projects/signals.ts'
import { MILESTONES, SIGNALS, type Signal } from '../support/signals.ts'
import { passed, VitestRun } from '../support/vitest.ts'

/** A stage of a run, and how many milliseconds later the signal is sent. */
interface Instant {
  readonly after: keyof typeof MILESTONES
  readonly delay: number
}

const at = (after: Instant['after'], ...delays: number[]): Instant[] =>
  delays.map((delay) => ({ after, delay }))

// Relative to milestones, so that a busy machine hits the same stages of a run as an idle one
const INSTANTS: Instant[] = [
  ...at('spawn', 0, 100, 200, 300),
  ...at('session begins', 0, 10, 20, 40, 70, 110, 160, 220, 300),
  ...at('tests begin', 0, 50, 150, 250),
  ...at('tests end', 0, 15, 40),
]

/** Holds a session until the file `enough` exists. */
const holder = new Project({
  'cluster.config.ts': ONE_CACHE,
  'holds.spec.ts': spec(`
    import { existsSync, writeFileSync } from 'node:fs'
    import { tmpdir } from 'node:os'
    import { join } from 'node:path'
    import { setTimeout as wait } from 'node:timers/promises'

    const path = (name: string) => join(tmpdir(), name)

    test('the service answers all the time', { timeout: 600_000 }, async ({ cache }) => {
      expect(await cache.ask('set greeting 0 0 5\\r\\nhello')).toBe('STORED\\r\\n')
      writeFileSync(path('begun'), '')
      while (!existsSync(path('enough'))) {
        expect(await cache.ask('get greeting')).toContain('hello')
        await wait(100)
      }
    })
  `),
})
let beside: VitestRun

beforeAll(async () => {
  beside = await VitestRun.start(holder)
  await beside.until(() => existsSync(join(beside.directory, 'begun')))
})

afterAll(async () => {
  await beside[Symbol.asyncDispose]()
  holder.remove()
})

test.for(Object.keys(SIGNALS) as Signal[])(
  'nothing of the session is left after %s at any of 20 instants',
  { timeout: 240_000 },
  async (signal) => {
    expect(INSTANTS).toHaveLength(20)
    const waiting = [...INSTANTS]
    const outcomes: string[] = []
    const next = async () => {
      for (let instant = waiting.shift(); instant; instant = waiting.shift())
        outcomes.push(await interrupt(signal, instant))
    }
    await Promise.all([next(), next()])
    expect(outcomes.filter((outcome) => !outcome.endsWith(': as it should'))).toEqual([])
  },
)

test('a session beside the interrupted ones is not affected', async () => {
  writeFileSync(join(beside.directory, 'enough'), '')
  expect(await beside.ended()).toBe(0)
  expect(beside.output).toMatch(passed(1))
  await beside.nothingLeft()
})

/** Sends the signal at the instant to a run with ldap, ssh and hgweb. Returns whether the run ended as expected. */
async function interrupt(signal: Signal, { after, delay }: Instant): Promise<string> {
  const what = `${signal} ${delay} ms after: ${after}`
  try {
    await using run = await VitestRun.start(project(signals))
    await run.until(() => MILESTONES[after](run))
    await wait(delay)
    await run.kill(signal)
    await run.nothingLeft()
    const end = await run.ended()
    return expected(signal, after).includes(end)
      ? `${what}: as it should`
      : `${what}: ended with ${end}\n${run.output}`
  } catch (error) {
    return `${what}: ${error}`
  }
}

/** The possible ends of a run that gets the signal at this stage. */
function expected(signal: Signal, after: Instant['after']): unknown[] {
  const end = SIGNALS[signal]
  // Before Vitest and this library handle signals, and after, the signal itself ends the run
  if (after === 'spawn') return [end, signal]
  // The run may have ended before the signal
  if (after === 'tests end') return [end, signal, 0]
  return [end]
}
