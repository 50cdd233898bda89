import { defineCluster } from 'vitest-cluster'
import { ports } from './ports.ts'
import { directory, vcsSyncLogin } from './services/directory.ts'
import { entrypoint } from './services/entrypoint.ts'
import { events } from './services/events.ts'
import { httpd } from './services/httpd.ts'
import { idle } from './services/idle.ts'
import { kafka } from './services/kafka.ts'
import { nslcd, sshd } from './services/logins.ts'
import { master } from './services/master.ts'
import { rabbitmq } from './services/rabbitmq.ts'
import { consumers } from './services/replication.ts'
import { rsyslog } from './services/rsyslog.ts'
import { topics } from './services/topics.ts'
import { zookeeper } from './services/zookeeper.ts'
import { base } from './tree/base.ts'
import { hgssh } from './tree/hgssh.ts'
import { hgweb } from './tree/hgweb.ts'
import { pulse } from './tree/pulse.ts'
import { runner } from './tree/runner.ts'

/** What hgssh and the mirrors have in common. */
const server = (broker: number) => ({
  entrypoint: entrypoint(broker),
  rsyslog: rsyslog(),
  zookeeper: zookeeper(),
  kafka: kafka(),
})

const mirror = (broker: number) => ({
  tree: hgweb,
  // Their httpd has the same path for its number
  directories: ['/', '/run/httpd'],
  services: { ...server(broker), httpd: httpd(), sshd: sshd(), ...consumers() },
})

/** The cluster of testing/hgcluster-docker-compose.yml of version-control-tools, and the machine of its tests. */
export default defineCluster({
  isolation: 'range',
  tree: base,
  services: {},
  hosts: {
    hgssh: {
      tree: hgssh,
      // Other hosts have no users of the directory
      directories: ['/', '/run/nslcd'],
      services: {
        ...server(0),
        nslcd: nslcd(),
        sshd: sshd('/etc/mercurial/ssh/sshd_config'),
        topics: topics(),
        'vcs-sync': vcsSyncLogin(),
        ...master(),
        ...events(),
      },
    },
    hgweb0: mirror(1),
    hgweb1: mirror(2),
    ldap: { directories: ['/'], services: { slapd: directory() } },
    pulse: { tree: pulse, directories: ['/'], services: { rabbitmq: rabbitmq() } },
    runner: { tree: runner, directories: ['/'], services: { idle: idle() } },
  },
  ports: { 'ldap-slapd': ports.ldap },
})
