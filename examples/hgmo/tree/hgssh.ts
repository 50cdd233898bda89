import { command } from 'vitest-cluster/tree'
import { roles, server } from './roles.ts'
import { hgsshVenvs } from './venvs.ts'

/** The tree of hgssh: what `testing/docker/test-hgssh/Dockerfile` of the checkout makes, with servers of events that work. */
export const hgssh = server.with(
  ...hgsshVenvs,
  ...roles('hgssh'),
  command(['python3', '-B', 'tree/events.py'], {
    inputs: ['tree/events.py', 'tree/setup/patch.py'],
  }),
)
