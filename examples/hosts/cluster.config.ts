import { hgweb, ldap, ssh } from '@vitest-cluster/fixtures'
import { defineCluster } from 'vitest-cluster'

/** An ssh server for people of the directory, with repositories and a configuration of its own. */
const server = {
  directories: ['/repo', '/etc/mercurial'],
  services: { sshd: ssh({ authorizedKeys: { from: 'ldap' } }) },
}

export default defineCluster({
  services: { ldap: ldap({ suffix: 'dc=example', ldif: ['people.ldif'] }) },
  hosts: {
    // Both have their sshd on the same port, and files of their own
    hgssh0: server,
    hgssh1: server,
    mirror: { services: { web: hgweb({ repositories: ['demo'], allowPush: true }) } },
  },
})
