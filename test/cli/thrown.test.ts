import { expect, test } from 'vitest'
import { Shell } from '../support/cli.ts'
import { project } from '../support/project.ts'
import { oneThrower, thrower } from '../support/projects/thrower.ts'

test("status --json has each service's place in the definition, however it was made", async () => {
  const shell = await Shell.open(project(thrower))
  const { stdout, stderr } = await shell.run('plan')
  expect(stderr).toBe('')
  const places = stdout.match(/^# [-\w]+ \([-\w]+\) .*$/gm)
  expect(places?.sort()).toEqual([
    '# here (here)  cluster.config.ts:27:5',
    '# made (thrower)  cluster.config.ts:23:36',
    '# one (thrower)  cluster.config.ts:20:5',
    '# spread-out (thrower)  cluster.config.ts:13:3',
    '# ssh (ssh)  base.ts:6:5',
    '# two (thrower)  cluster.config.ts:21:5',
    '# web (hgweb)  cluster.config.ts:24:5',
  ])
})

test.for([
  [
    'plan',
    'values',
    'one: its function values threw TypeError: on purpose in values',
    'own.ts:12:9',
  ],
  [
    'plan',
    'command',
    'one: its function command threw TypeError: on purpose in command',
    'own.ts:12',
  ],
  [
    'up',
    'state.make',
    'one: its function state.make threw TypeError: on purpose in state.make',
    'own',
  ],
  [
    'up',
    'import',
    'cluster.config.ts cannot be loaded: RangeError: on purpose on imp',
    'config.ts:8',
  ],
] as const)(
  '%s: the shell shows an error thrown in %s with its line',
  async ([command, WHAT, says, line]) => {
    const shell = await Shell.open(project(oneThrower))
    const { stderr, exitCode } = await shell.start([command], { env: { WHAT } }).ended
    expect(exitCode).toBe(1)
    expect(stderr).toContain(says)
    expect(stderr).toMatch(new RegExp(`^  at: /.*${line.replaceAll('.', '[.]')}`, 'm'))
    if (WHAT !== 'import')
      expect(stderr).toContain('\n    caused by Error: the seed [FUNCTION_FAILED]')
    expect(stderr).not.toMatch(/^ +at .*\(/m)
  },
)

test("a thrown value that is not an Error is shown with the service's place, without control characters", async () => {
  const shell = await Shell.open(project(oneThrower))
  const { stderr } = await shell.start(['plan'], { env: { WHAT: 'values', HOW: 'text' } }).ended
  expect(stderr).toMatch(
    /^one: its function values threw "only .*text.*", which is not an Error \[FUNCTION_FAILED\]\n {2}at: \/.*cluster\.config\.ts:12:5\n(?: {4}.*\n)+ {2}fix: .*\n$/,
  )
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what the test looks for
  expect(stderr).not.toMatch(/[\x00-\x09\x0b-\x1f]/)
})
