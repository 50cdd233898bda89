import type { ServiceDefinition } from 'vitest-cluster'
import { ports } from '../ports.ts'
import { supervised } from './supervised.ts'

/** nslcd(8) with the configuration of the role: users and groups of the directory. Only its host sees its socket. */
export function nslcd(): ServiceDefinition {
  return {
    ...supervised({
      kind: 'nslcd',
      // It creates its socket there when it has become its account
      before: 'mkdir -p /run/nslcd; chown nslcd:nslcd /run/nslcd',
      command: ['/usr/sbin/nslcd', '-d'],
      after: ['ldap-slapd', 'entrypoint'],
      ready: { logLine: '^nslcd: accepting connections' },
    }),
    nsswitch: { passwd: ['ldap'], group: ['ldap'] },
  }
}

/** sshd(8). @param config the path of another configuration than the system's */
export function sshd(config?: string): ServiceDefinition {
  return supervised({
    kind: 'sshd',
    command: ['/usr/sbin/sshd', '-D', ...(config === undefined ? [] : ['-f', config])],
    ports: { ssh: ports.ssh },
    ready: 'listening',
  })
}
