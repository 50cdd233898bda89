import { defineService, type ServiceDefinition } from 'vitest-cluster'
import { ports } from '../ports.ts'

const NODE = 'rabbit@pulse'

/** RabbitMQ with the configuration of the checkout: the user guest may connect from everywhere. */
export function rabbitmq(): ServiceDefinition {
  return defineService({
    kind: 'rabbitmq',
    programs: ['rabbitmq-server'],
    ports: { amqp: ports.amqp, distribution: ports.amqpDistribution },
    accounts: [{ name: 'rabbitmq', home: '/var/lib/rabbitmq' }],
    user: 'rabbitmq',
    group: 'rabbitmq',
    command: () => ['/usr/lib/rabbitmq/bin/rabbitmq-server'],
    env: ({ address, ports: { amqp, distribution }, directory }) => ({
      HOME: '/var/lib/rabbitmq',
      RABBITMQ_CONFIG_FILE: '/etc/rabbitmq/rabbitmq',
      RABBITMQ_NODENAME: NODE,
      RABBITMQ_NODE_IP_ADDRESS: address,
      RABBITMQ_NODE_PORT: `${amqp}`,
      RABBITMQ_MNESIA_BASE: `${directory}/mnesia`,
      RABBITMQ_LOGS: '-',
      // A node that has its name from the start asks no epmd, a daemon that all sessions of the machine would share. One
      // scheduler: more only spin
      RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: [
        `-sname ${NODE} -start_epmd false -erl_epmd_port ${distribution}`,
        `-kernel inet_dist_listen_min ${distribution} inet_dist_listen_max ${distribution}`,
        `inet_dist_use_interface {${address.replaceAll('.', ',')}}`,
        '+S 1:1 +sbwt none',
      ].join(' '),
    }),
    ready: 'listening',
    handle: ({ address, ports: { amqp } }) => ({ url: `amqp://guest:guest@${address}:${amqp}` }),
  })
}
