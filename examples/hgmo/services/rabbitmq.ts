import { randomInt } from 'node:crypto'
import { defineService, type ServiceDefinition } from 'vitest-cluster'
import { ports } from '../ports.ts'
import { BUSY } from './busy.ts'

const SERVER = '/usr/lib/rabbitmq/bin/rabbitmq-server'
const NODE = 'rabbit@pulse'

/** Starts a node that accepts no connections, and stops it when it has created its database. */
const CREATE = `set -eu
touch output
"$@" >output 2>&1 &
until grep -q 'Ready to start client connection listeners' output; do
  kill -0 "$!" || { cat output; exit 1; }
  sleep 0.1
done
kill "$!"
wait "$!" || :
rm output`

/** RabbitMQ with the configuration of the checkout: the user guest may connect from everywhere. */
export function rabbitmq(): ServiceDefinition {
  return defineService({
    kind: 'rabbitmq',
    ports: { amqp: ports.amqp, distribution: ports.amqpDistribution },
    accounts: [{ name: 'rabbitmq', home: '/var/lib/rabbitmq' }],
    user: 'rabbitmq',
    group: 'rabbitmq',
    // A node compiles a module for each of its features when it creates its database, which takes seconds
    state: {
      inputs: () => 1,
      make: async ({ directory, exec }) => {
        const env = environment(directory, someAddress(), ports.amqpDistribution, [
          '-rabbit tcp_listeners []',
        ])
        const words = Object.entries(env).map((pair) => pair.join('='))
        const argv = ['/usr/bin/env', ...words, '/bin/bash', '-c', CREATE, 'create', SERVER]
        await exec(['chown', 'rabbitmq:rabbitmq', directory])
        await exec(argv, { user: 'rabbitmq' })
      },
    },
    command: () => [SERVER],
    env: ({ address, ports: { amqp, distribution }, directory }) => ({
      ...environment(directory, address, distribution),
      RABBITMQ_NODE_IP_ADDRESS: address,
      RABBITMQ_NODE_PORT: `${amqp}`,
    }),
    ready: 'listening',
    readyTimeout: BUSY,
    handle: ({ address, ports: { amqp } }) => ({ url: `amqp://guest:guest@${address}:${amqp}` }),
  })
}

/** An address of the loopback on which no other node has the port. */
function someAddress(): string {
  return [127, 254, randomInt(256), randomInt(1, 255)].join('.')
}

function environment(
  directory: string,
  address: string,
  distribution: number,
  more: readonly string[] = [],
): Record<string, string> {
  return {
    HOME: directory,
    RABBITMQ_CONFIG_FILE: '/etc/rabbitmq/rabbitmq',
    RABBITMQ_NODENAME: NODE,
    RABBITMQ_MNESIA_BASE: `${directory}/mnesia`,
    // Otherwise another Erlang is started to choose it
    RABBITMQ_IO_THREAD_POOL_SIZE: '4',
    RABBITMQ_LOGS: '-',
    RABBITMQ_LOG_BASE: `${directory}/log`,
    // For each Erlang that it starts. Without epmd, a daemon that all sessions of the machine would share
    ERL_FLAGS: `-start_epmd false -erl_epmd_port ${distribution}`,
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: [
      // A node that has its name from the start asks no epmd
      `-sname ${NODE}`,
      `-kernel inet_dist_listen_min ${distribution} inet_dist_listen_max ${distribution}`,
      `inet_dist_use_interface {${address.replaceAll('.', ',')}}`,
      // One scheduler: more only spin
      '+S 1:1 +sbwt none',
      ...more,
    ].join(' '),
  }
}
