import { roles, server } from './roles.ts'
import { hgsshVenvs } from './venvs.ts'

/** The tree of hgssh: what `testing/docker/test-hgssh/Dockerfile` of the checkout makes. */
export const hgssh = server.with(...hgsshVenvs, ...roles('hgssh'))
