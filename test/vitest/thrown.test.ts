// @module-tag vitest
import { expect, test } from 'vitest'
import { project } from '../support/project.ts'
import { oneThrower } from '../support/projects/thrower.ts'
import { runVitest } from '../support/vitest.ts'

test.for([
  ['values', 'one: its function values threw TypeError: on purpose in values', 'own.ts:12:9'],
  ['handle', 'one: its function handle threw TypeError: on purpose in handle', 'own.ts:12:9'],
  [
    'import',
    'cannot be loaded: RangeError: on purpose on import [INVALID_D',
    'cluster.config.ts:8:45',
  ],
] as const)(
  "Vitest shows an error thrown in %s with the user's line",
  async ([WHAT, says, frame]) => {
    const { output, exitCode } = await runVitest(project(oneThrower), { env: { WHAT } })
    expect(exitCode).toBe(1)
    expect(output).toContain(says)
    expect(output.match(/^ *❯ .*\.(ts|js):\d+:\d+$/gm)).toEqual([` ❯ ${frame}`])
    expect(output).not.toMatch(/Serialized Error|^Caused by/m)
  },
)
