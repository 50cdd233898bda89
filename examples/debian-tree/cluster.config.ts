import { hgweb, ldap, ssh } from '@vitest-cluster/fixtures'
import { defineCluster } from 'vitest-cluster'
import { debianTree, files } from 'vitest-cluster/tree'
import { laptop } from './laptop.ts'

/** Debian trixie with the programs of all services: built once, cached, and shared by all sessions. */
const trixie = debianTree({
  suite: 'trixie',
  packages: ['slapd', 'ldap-utils', 'openssh-server', 'mercurial', 'libnss-systemd'],
})

export default defineCluster({
  tree: trixie.with(files({ '/etc/motd': 'Welcome to the throwaway cluster.\n' })),
  services: {
    ldap: ldap({ suffix: 'dc=example', ldif: ['people.ldif'] }),
    ssh: ssh({ authorizedKeys: { from: 'ldap' } }),
    hgweb: hgweb({ repositories: ['demo'] }),
    laptop: laptop({ user: 'alice@example.com' }),
  },
})
