import { defineService, type ServiceDefinition } from 'vitest-cluster'
import { ports } from '../ports.ts'
import { ARGUMENTS } from '../tree/jvm.ts'
import { BUSY } from './busy.ts'
import { asks, javaRestarts, zookeeperAccount } from './java.ts'

/** A request for the versions of requests (ApiVersions, 14 bytes), which a broker answers when its start is complete. */
const VERSIONS = '\\0\\0\\0\\12\\0\\22\\0\\0\\0\\0\\0\\0\\377\\377'
const ANSWERS = '[ "$(head -c 8 <&3 | wc -c)" = 8 ] && exit 0'

/**
 * A broker, with the configuration of `/etc/kafka` to which the entrypoint added its id.
 * @param after the services that are up before: ZooKeeper of hgssh, which is the only one that brokers use (v-c-t's
 *   `zookeeper.connect` has its path after the first host), serves when it has a quorum
 */
export function kafka(after: readonly string[] = ['hgssh-zookeeper']): ServiceDefinition {
  return defineService({
    kind: 'kafka',
    programs: ['java'],
    ports: { kafka: ports.kafka, jolokia: ports.jolokia },
    dependsOn: after,
    ...zookeeperAccount,
    command: ({ address }) => [
      ...['java', `@${ARGUMENTS}/kafka.args`],
      `-javaagent:/opt/jolokia-jvm-1.6.1-agent.jar=host=${address},port=${ports.jolokia}`,
      '-Dkafka.logs.dir=/var/log/kafka',
      '-Dlog4j.configuration=file:/etc/kafka/log4j.properties',
      ...['kafka.Kafka', '/etc/kafka/server.properties'],
      // All hosts share the network
      ...['--override', `host.name=${address}`],
      // A broker hands its partitions over before it ends, so that pushes go on at once. The last one has nobody for them,
      // and would try again after 5 s, twice
      ...['--override', 'controlled.shutdown.retry.backoff.ms=200'],
    ],
    env: ({ address }) => ({ ADDRESS: address, PORT: `${ports.kafka}` }),
    ready: { exec: asks(VERSIONS, ANSWERS) },
    readyTimeout: BUSY,
    stopSignal: 'SIGTERM',
    stopTimeout: 10_000,
    // Its shutdown takes 3 s, of which a test sees only the part until ZooKeeper knows of it
    killAtEnd: true,
    unit: javaRestarts,
    handle: ({ address }) => ({ address }),
  })
}
