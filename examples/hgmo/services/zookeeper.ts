import { defineService, type ServiceDefinition } from 'vitest-cluster'
import { ports } from '../ports.ts'
import { ARGUMENTS } from '../tree/jvm.ts'
import { BUSY } from './busy.ts'
import { asks, javaRestarts, zookeeperAccount } from './java.ts'

/**
 * Only a directory that exists before the start: one start in 35 fails to create it. All hosts share the network, so the
 * member listens on its host's address.
 */
const START = `set -eu
mkdir -p /var/lib/zookeeper/version-2
{ grep -v '^clientPortAddress' /etc/zookeeper/zoo.cfg; echo "clientPortAddress=$1"; } >zoo.cfg
shift
exec "$@"`

/** The member says that it leads or follows: brokers that start before the quorum may exit. */
const SERVES = 'while read -r -u 3 line; do [[ $line == Mode:* ]] && exit 0; done'

/** A member of ZooKeeper's quorum, with the configuration of `/etc/zookeeper` and the id that the entrypoint wrote. */
export function zookeeper(after: readonly string[] = ['entrypoint']): ServiceDefinition {
  return defineService({
    kind: 'zookeeper',
    programs: ['java'],
    ports: {
      client: ports.zookeeper,
      peers: ports.zookeeperPeers,
      election: ports.zookeeperElection,
    },
    dependsOn: after,
    ...zookeeperAccount,
    command: ({ address }) => [
      ...['/bin/bash', '-c', START, 'start', address],
      ...['java', `@${ARGUMENTS}/zookeeper.args`],
      '-Dlog4j.configuration=file:/etc/zookeeper/log4j.properties',
      ...['org.apache.zookeeper.server.quorum.QuorumPeerMain', 'zoo.cfg'],
    ],
    env: ({ address }) => ({ ADDRESS: address, PORT: `${ports.zookeeper}` }),
    ready: { exec: asks('srvr', SERVES) },
    readyTimeout: BUSY,
    unit: javaRestarts,
    handle: ({ address }) => ({ address }),
  })
}
