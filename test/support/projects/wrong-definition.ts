import { answers, type Files } from '../project.ts'

/** A service depends on one that does not exist. */
export const wrongDefinition = {
  'cluster.config.ts': `
    import { defineCluster } from 'vitest-cluster'
    import { cache } from './cache.ts'

    export default defineCluster({ services: { cache: cache({ dependsOn: ['databse'] }) } })
  `,
  'answers.spec.ts': answers(),
} satisfies Files
