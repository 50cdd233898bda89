import { randomBytes } from 'node:crypto'
import { defineService } from 'vitest-cluster'

const SUFFIX = 'dc=example'

/** slapd as the role configures it; the session adds a port and a password. */
export const ldap = defineService({
  kind: 'ldap',
  programs: [{ name: 'slapd', debian: 'slapd' }],
  ports: ['ldap'],
  accounts: [{ name: 'openldap' }],
  user: 'openldap',
  values: () => ({ password: randomBytes(16).toString('hex') }),
  // The database with its people, made once for the tree and copied into each session
  state: {
    inputs: () => 1,
    make: async ({ write, exec }) => {
      await write({ 'secret.conf': '', 'db/.keep': '' })
      await exec(['slapadd', '-q', '-f', '/etc/ldap/slapd.conf', '-l', '/etc/ldap/people.ldif'])
    },
  },
  files: ({ values }) => ({ 'secret.conf': `rootpw ${values.password}\n` }),
  command: ({ ports }) => [
    ...['slapd', '-d', 'stats', '-f', '/etc/ldap/slapd.conf'],
    ...['-h', `ldap://127.0.0.1:${ports.ldap}/`],
  ],
  ready: 'listening',
  handle: ({ ports, values, exec }) => ({
    /** Adds a key for logins to a user. */
    async addKey(person: string, key: string) {
      const url = `ldap://127.0.0.1:${ports.ldap}/`
      const change = `dn: uid=${person},ou=people,${SUFFIX}\nadd: sshPublicKey\nsshPublicKey: ${key}\n`
      await exec(
        ['ldapmodify', '-x', '-H', url, '-D', `cn=admin,${SUFFIX}`, '-w', values.password],
        {
          input: change,
        },
      )
    },
  }),
})

/** sshd as the role configures it; the session adds a port, a host key, and the directory's URL. */
export const ssh = defineService({
  kind: 'ssh',
  programs: [{ name: 'sshd', debian: 'openssh-server' }],
  ports: ['ssh'],
  dependsOn: { ldap },
  user: 'root',
  // Logins are separate accounts
  needs: ['uids'],
  state: {
    inputs: () => 1,
    make: async ({ directory, exec }) => {
      for (const name of ['host_key', 'client_key'])
        await exec(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', `${directory}/${name}`])
    },
  },
  files: ({ service }) => ({
    'ldap.conf': {
      content: `URI ldap://127.0.0.1:${service('ldap').ports.ldap}/\n`,
      mode: 0o644,
    },
    // sshd needs that directory; /run belongs to the session
    start: { content: '#!/bin/sh\nmkdir -p -m 755 /run/sshd\nexec "$@"\n', mode: 0o700 },
  }),
  command: ({ ports, directory }) => [
    ...[`${directory}/start`, '/usr/sbin/sshd', '-D', '-e', '-f', '/etc/ssh/sshd_config'],
    ...['-h', `${directory}/host_key`, '-o', `ListenAddress=127.0.0.1:${ports.ssh}`],
    ...['-o', 'PidFile=none'],
  ],
  ready: 'notify',
  handle: async ({ ports, directory, read, exec }) => ({
    publicKey: (await read('client_key.pub')).trim(),
    /** Logs in with the key and runs a command there. Never rejects. */
    login: (user: string, ...command: string[]) =>
      exec(
        [
          ...['ssh', '-i', `${directory}/client_key`, '-p', `${ports.ssh}`, '-o', 'BatchMode=yes'],
          ...['-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null'],
          ...['-o', 'LogLevel=ERROR', `${user}@127.0.0.1`, ...command],
        ],
        { allowFailure: true },
      ),
  }),
})
