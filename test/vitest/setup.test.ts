import { describe, expect, test } from 'vitest'
import { passed, runVitest } from '../support/vitest.ts'

describe('a project gets its cluster', () => {
  test('by the plugin', async () => {
    const { exitCode, output, sessions } = await runVitest('plugin')
    expect(output).toMatch(passed(3))
    expect({ exitCode, sessions }).toEqual({ exitCode: 0, sessions: 1 })
  })

  test('by the bare globalSetup module', async () => {
    const { exitCode, output, sessions } = await runVitest('global-setup')
    expect(output).toMatch(passed(1))
    expect({ exitCode, sessions }).toEqual({ exitCode: 0, sessions: 1 })
  })

  test('from the file that the config option names', async () => {
    const { exitCode, output } = await runVitest('config-option')
    expect(output).toMatch(passed(1))
    expect(exitCode).toBe(0)
  })
})

describe('handles work', () => {
  for (const pool of ['forks', 'threads']) {
    for (const isolation of ['--isolate', '--no-isolate']) {
      test(`in the pool ${pool} with ${isolation}`, async () => {
        const args = [`--pool=${pool}`, isolation]
        const { exitCode, output, sessions } = await runVitest('plugin', { args })
        expect(output).toMatch(passed(3))
        expect({ exitCode, sessions }).toEqual({ exitCode: 0, sessions: 1 })
      })
    }
  }
})

test("the time that a service takes to start is not charged to the first test's time-out", async () => {
  const { exitCode, output } = await runVitest('slow-service')
  expect(output).toMatch(passed(1))
  expect(exitCode).toBe(0)
})
