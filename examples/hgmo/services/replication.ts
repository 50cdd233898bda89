import type { ServiceDefinition } from 'vitest-cluster'
import { supervised } from './supervised.ts'

const BIN = '/var/hg/venv_replication/bin'
const LOGS = '/var/log/vcsreplicator'
/** The partitions of the topic `pushdata`. */
const PARTITIONS = 8

const consumer = {
  kind: 'vcsreplicator',
  user: 'hg',
  umask: '002',
  // They end if their topic does not exist yet
  after: ['hgssh-topics'],
  graceful: true,
} as const

/** The consumers of a mirror: one for each partition, and that of heads. */
export function consumers(): Record<string, ServiceDefinition> {
  const numbers = Array.from({ length: PARTITIONS }, (_, number) => number)
  return {
    ...Object.fromEntries(
      numbers.map((number) => [`vcsreplicator-${number}`, consumerOf(number)] as const),
    ),
    'vcsreplicator-heads': supervised({
      ...consumer,
      command: [`${BIN}/vcsreplicator-headsconsumer`, '/etc/mercurial/vcsreplicator-pending.ini'],
      stdoutLogfile: `${LOGS}/consumer-heads.log`,
    }),
  }
}

function consumerOf(partition: number): ServiceDefinition {
  return supervised({
    ...consumer,
    command: [
      ...[`${BIN}/vcsreplicator-consumer`, '/etc/mercurial/vcsreplicator.ini'],
      ...['--partition', `${partition}`],
    ],
    stdoutLogfile: `${LOGS}/consumer.log`,
    // Extensions look at it
    environment: { USER: 'hg' },
  })
}
