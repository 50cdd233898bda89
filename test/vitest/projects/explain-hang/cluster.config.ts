import { ldap } from '@vitest-cluster/fixtures'
import { defineCluster } from 'vitest-cluster'

export default defineCluster({ services: { ldap: ldap({ suffix: 'dc=example' }) } })
