import type { ServiceDefinition } from 'vitest-cluster'
import { supervised } from './supervised.ts'

/**
 * `/dev` is the same on all hosts. Its `log` leads to this directory, which each host replaces by one of its own: all
 * programs of a host are in its mount namespace.
 */
const SOCKET = `
journal=/run/systemd/journal
mkdir -p /var/lib/journal "$journal"
# It may run again
mountpoint -q "$journal" || mount --bind /var/lib/journal "$journal"
[ -L /dev/log ] || ln -s "$journal/dev-log" /dev/log 2>/dev/null || [ -L /dev/log ]`

/** rsyslogd(8) for what programs of the host log by syslog(3). Its socket is where `/dev/log` leads. */
export function rsyslog(): ServiceDefinition {
  return supervised({
    kind: 'rsyslog',
    before: SOCKET,
    // Without a file of its number: hosts share /run
    command: ['/usr/sbin/rsyslogd', '-n', '-iNONE'],
    after: [],
  })
}
