/** The account of ZooKeeper and Kafka, as in the role kafka-broker. */
export const zookeeperAccount = {
  accounts: [{ name: 'zookeeper', uid: 2321, home: '/var/lib/zookeeper', shell: '/bin/bash' }],
  user: 'zookeeper',
  group: 'zookeeper',
} as const

/**
 * As supervisord's autorestart, but without an end: a broker that starts soon after a kill exits, because ZooKeeper still
 * has the entry of the old one.
 */
export const javaRestarts = { Restart: 'always', RestartSec: 1, StartLimitIntervalSec: 0 } as const
