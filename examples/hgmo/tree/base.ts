import { command, debianTree } from 'vitest-cluster/tree'
import { uv } from './uv.ts'

/** The programs that Docker's images install with yum and apt. Debian 11 for its Python 3.9: newer ones fail. */
const debian = debianTree({
  suite: 'bullseye',
  packages: [
    // The manager of each session, and what its hosts need
    ...['systemd', 'dbus', 'procps', 'util-linux', 'perl'],
    // Accounts from LDAP
    ...['slapd', 'ldap-utils', 'nslcd', 'libnss-ldapd'],
    ...['openssh-server', 'openssh-client', 'sudo', 'rsync', 'rsyslog'],
    ...['rabbitmq-server', 'openjdk-11-jre-headless', 'ca-certificates'],
    // Programs of the tests
    ...['curl', 'sqlite3'],
    ...['python3', 'python3-venv', 'python3-dev', 'python3-jinja2', 'python3-yaml'],
    // python-ldap and mod_wsgi are built from source
    ...['gcc', 'libc6-dev', 'libldap2-dev', 'libsasl2-dev'],
  ],
})

/**
 * httpd and its headers, all of the release itself: the archive of security updates has newer programs, but no longer
 * their headers.
 */
const HTTPD = [
  ...['apache2', 'apache2-bin', 'apache2-data', 'apache2-utils', 'apache2-dev'],
  ...['libaprutil1', 'libaprutil1-dev', 'libaprutil1-dbd-sqlite3', 'libaprutil1-ldap'],
]
// Without manual pages: a dependency makes a database of them, which takes longer than all else
const INSTALL = `
find /usr/share/man -type f -delete
apt-get update
apt-get install --yes --no-install-recommends "$@"
rm -r /var/lib/apt/lists/*
apt-get clean
`

const httpd = command(['sh', '-ec', INSTALL, 'sh', ...HTTPD.map((name) => `${name}/bullseye`)], {
  network: true,
  env: { DEBIAN_FRONTEND: 'noninteractive' },
})

/** What all hosts have. */
export const base = debian.with(httpd, ...uv)
