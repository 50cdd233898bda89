import { hgweb, ssh } from '@vitest-cluster/fixtures'
import { defineCluster } from 'vitest-cluster'

// Groups need accounts with separate uids: isolation is 'auto', which then chooses 'range'
export default defineCluster({
  services: {
    hgweb: hgweb({ repositories: ['demo'], group: 'scm' }),
    ssh: ssh({ users: [{ name: 'alice', groups: ['scm'] }, 'bob'] }),
  },
})
