import { hgweb, ldap, ssh } from '@vitest-cluster/fixtures'
import { defineCluster } from 'vitest-cluster'

export default defineCluster({
  services: {
    directory: ldap({ suffix: 'dc=example' }),
    login: ssh(),
    web: hgweb({ repositories: ['demo'] }),
  },
})
