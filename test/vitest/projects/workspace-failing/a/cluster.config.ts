import { defineCluster } from 'vitest-cluster'
import { cache } from '../../cache.ts'

export default defineCluster({
  services: { cache: cache({ command: () => ['memcached', '--no-such-option'] }) },
})
