import { defineCluster } from 'vitest-cluster'
import { directory } from '../../../services/directory.ts'
import { base } from '../../../tree/base.ts'

/** The host of the directory alone. */
export default defineCluster({
  isolation: 'range',
  tree: base,
  services: {},
  hosts: { ldap: { directories: ['/'], services: { slapd: directory() } } },
})
