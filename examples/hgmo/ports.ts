/**
 * The ports of all services, the same on each host: rendered configuration can name them before a session exists. 22, 80
 * and 389 of the Docker cluster need a privilege that services lack.
 */
export const ports = {
  ssh: 2222,
  http: 8080,
  ldap: 3389,
  amqp: 5672,
  /** Of Erlang, for other nodes. */
  amqpDistribution: 25_672,
  zookeeper: 2181,
  /** Between the members of ZooKeeper's quorum. */
  zookeeperPeers: 2888,
  /** Where the members elect their leader. */
  zookeeperElection: 3888,
  kafka: 9092,
  /** Management of a broker by HTTP. */
  jolokia: 8778,
  s3: 5001,
  sns: 5002,
  /** What receives the messages of SNS. */
  snsSubscriber: 5003,
} as const
