import { hgweb } from '@vitest-cluster/fixtures'
import { defineCluster } from 'vitest-cluster'

export default defineCluster({
  services: { hgweb0: hgweb({ repositories: ['a'] }), hgweb1: hgweb({ repositories: ['b'] }) },
})
