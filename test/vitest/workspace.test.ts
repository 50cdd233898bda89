import { expect, test } from 'vitest'
import { passed, runVitest } from '../support/vitest.ts'

const workspaces = [
  { name: 'workspace-root', what: 'inherit the plugin and one definition', sessions: 1 },
  { name: 'workspace-each', what: 'have the plugin each, and one definition', sessions: 1 },
  {
    name: 'workspace-two-root',
    what: 'inherit the plugin, not the definition',
    sessions: 2,
  },
  { name: 'workspace-two', what: 'have plugin and definition each', sessions: 2 },
]

test.for(workspaces)(
  'projects that $what have $sessions session(s)',
  async ({ name, sessions }) => {
    const outcome = await runVitest(name)
    expect(outcome.output).toMatch(passed(2))
    expect(outcome).toMatchObject({ exitCode: 0, sessions })
  },
)
