import { join } from 'node:path'
import { expect, test } from 'vitest'
import { reachedHost } from '../../packages/vitest-cluster/test/helpers/debian.ts'
import { skipWhen } from '../../packages/vitest-cluster/test/helpers/situation.ts'
import { Shell } from '../support/cli.ts'
import { ACCEPTED, directory, EXAMPLES, planned, unitsIn, verified } from '../support/plan.ts'
import { project } from '../support/project.ts'
import { plugin } from '../support/projects/plugin.ts'

/** Milliseconds. Two playbooks install packages. */
const MINUTES = 900_000

test('systemd accepts the units of the Ansible example, on the tree that its playbooks make', {
  timeout: MINUTES,
}, async ({ skip }) => {
  skipWhen(skip, (await reachedHost()) === undefined, "Debian's mirror cannot be reached")
  const config = join(EXAMPLES, 'ansible/cluster.config.ts')
  // Not in /tmp, which may be in memory
  const env = { XDG_CACHE_HOME: await directory('/var/tmp') }
  const shell = await Shell.open(project(plugin))
  const tree = await shell.start(['tree', '--config', config, '--json'], { env }).ended
  expect(tree.exitCode, tree.stderr).toBe(0)
  const plan = await planned(config, env)
  expect(Object.keys(await unitsIn(plan))).toHaveLength(3)
  expect(await verified(plan, JSON.parse(tree.stdout).path)).toEqual(ACCEPTED)
})
