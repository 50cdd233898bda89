import { hgweb, ssh } from '@vitest-cluster/fixtures'
import { defineCluster } from 'vitest-cluster'

// Groups need accounts with uids of their own: isolation is 'auto', which takes 'range' for that
export default defineCluster({
  services: {
    hgweb: hgweb({ repositories: ['demo'], group: 'scm' }),
    ssh: ssh({ users: [{ name: 'alice', groups: ['scm'] }, 'bob'] }),
  },
})
