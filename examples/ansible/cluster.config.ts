import { defineCluster } from 'vitest-cluster'
import { debianTree, playbook } from 'vitest-cluster/tree'
import { ldap, ssh } from './services.ts'

/**
 * Debian trixie, provisioned by the playbooks that provision real machines. Each playbook is a layer: a change in a
 * role rebuilds its layer and those above.
 */
const tree = debianTree({
  suite: 'trixie',
  // Python for Ansible; systemd with its bus, since logins are separate accounts (docs/isolation.md)
  packages: ['python3', 'python3-apt', 'systemd', 'dbus-daemon'],
}).with(
  playbook('provision/slapd.yml', {
    inventory: { groups: ['directory_servers'] },
    network: true,
  }),
  playbook('provision/sshd.yml', {
    inventory: { groups: ['login_servers'] },
    extraVars: { sshd_greeting: 'Welcome to a throwaway cluster' },
    network: true,
  }),
)

export default defineCluster({ tree, services: { ldap, ssh } })
