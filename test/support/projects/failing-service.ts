import { answers, type Files } from '../project.ts'

/** A service that cannot start. */
export const FAILING = `import { defineCluster } from 'vitest-cluster'
import { cache } from './cache.ts'

export default defineCluster({
  services: { cache: cache({ command: () => ['memcached', '--no-such-option'] }) },
})
`

export const failingService = {
  'cluster.config.ts': FAILING,
  'answers.spec.ts': answers(),
} satisfies Files
