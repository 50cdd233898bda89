import { roles, server } from './roles.ts'
import { hgwebVenvs } from './venvs.ts'

/** The tree of hgweb0 and hgweb1: what `testing/docker/test-hgweb/Dockerfile` of the checkout makes. */
export const hgweb = server.with(...hgwebVenvs, ...roles('hgweb'))
