import { command, debianTree } from 'vitest-cluster/tree'

/** What all hosts have: the programs that Docker's images install with yum and apt, from Debian 11 for its Python 3.9. */
const debian = debianTree({
  suite: 'bullseye',
  packages: [
    // The manager of each session, and what its hosts need
    ...['systemd', 'dbus', 'procps', 'util-linux', 'perl'],
    // Accounts from LDAP
    ...['slapd', 'ldap-utils', 'nslcd', 'libnss-ldapd'],
    ...['openssh-server', 'openssh-client', 'sudo', 'rsync'],
    ...['rabbitmq-server', 'openjdk-11-jre-headless', 'ca-certificates'],
    ...['python3', 'python3-venv', 'python3-dev', 'python3-jinja2', 'python3-yaml'],
    // python-ldap and mod_wsgi are built from source
    ...['gcc', 'libc6-dev', 'libldap2-dev', 'libsasl2-dev'],
  ],
})

/**
 * httpd and its headers, all of the release itself: the archive of security updates has the newer programs, but no longer
 * the headers of the same version.
 */
const httpd = command(
  [
    ...['apt-get', 'install', '--yes', '--no-install-recommends'],
    ...['apache2', 'apache2-bin', 'apache2-data', 'apache2-utils', 'apache2-dev'].map(released),
    ...['libaprutil1', 'libaprutil1-dev', 'libaprutil1-dbd-sqlite3', 'libaprutil1-ldap'].map(released),
  ],
  { network: true, env: { DEBIAN_FRONTEND: 'noninteractive' } },
)

function released(name: string): string {
  return `${name}/bullseye`
}

export const base = debian.with(httpd)
