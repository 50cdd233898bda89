import { defineService, type ServiceDefinition } from 'vitest-cluster'

/**
 * What the entrypoint of a container does: ids of its ZooKeeper and Kafka, addresses of mirrors, names of consumer groups.
 * @param broker the number of its ZooKeeper and Kafka
 */
export function entrypoint(broker: number): ServiceDefinition {
  return defineService({
    kind: 'entrypoint',
    user: 'root',
    // TODO localhost is the host's address once the library has it
    command: ({ address }) => [
      '/bin/sh',
      '-ec',
      'sed "/localhost/d" /etc/hosts >/tmp/h; cat /tmp/h - >/etc/hosts <<E\n$1 localhost\nE\nexec /entrypoint',
      'sh',
      address,
    ],
    env: () => ({ BROKER_ID: `${broker}` }),
    ready: 'exited',
  })
}
