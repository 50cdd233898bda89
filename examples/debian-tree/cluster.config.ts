import { hgweb, ldap, ssh } from '@vitest-cluster/fixtures'
import { debianTree, defineCluster } from 'vitest-cluster'

export default defineCluster({
  tree: debianTree({
    suite: 'trixie',
    packages: ['slapd', 'ldap-utils', 'openssh-server', 'mercurial', 'libnss-systemd', 'systemd', 'dbus'],
  }),
  services: {
    ldap: ldap({ suffix: 'dc=example', ldif: ['people.ldif'] }),
    ssh: ssh({ authorizedKeys: { from: 'ldap' } }),
    hgweb: hgweb({ repositories: ['demo'] }),
  },
})
