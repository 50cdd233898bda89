import { defineCluster } from 'vitest-cluster'
import { cache } from '../cache.ts'
import { parrot } from '../parrot.ts'

export default defineCluster({
  services: {
    first: parrot(),
    second: parrot({ dependsOn: ['first'] }),
    cache: cache({ dependsOn: ['first', 'second'] }),
  },
})
