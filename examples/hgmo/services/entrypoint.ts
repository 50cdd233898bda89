import { defineService, type ServiceDefinition } from 'vitest-cluster'

/**
 * What the entrypoint of a container does: ids of its ZooKeeper and Kafka, addresses of mirrors, names of consumer groups.
 * @param broker the number of its ZooKeeper and Kafka
 */
export function entrypoint(broker: number): ServiceDefinition {
  return defineService({
    kind: 'entrypoint',
    user: 'root',
    command: () => ['/entrypoint'],
    env: () => ({ BROKER_ID: `${broker}` }),
    ready: 'exited',
  })
}
