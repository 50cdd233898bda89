import type { ServiceDefinition } from 'vitest-cluster'
import { supervised } from './supervised.ts'

const BIN = '/var/hg/venv_replication/bin'
const LOGS = '/var/log/vcsreplicator'
const consumer = {
  kind: 'vcsreplicator',
  user: 'hg',
  umask: '002',
  // They end if their topic does not exist yet
  after: ['hgssh-topics'],
  graceful: true,
} as const

/** The consumers of a mirror: one for each partition of the topic `pushdata`, and that of heads. */
export function consumers() {
  return {
    'vcsreplicator-0': consumerOf(0),
    'vcsreplicator-1': consumerOf(1),
    'vcsreplicator-2': consumerOf(2),
    'vcsreplicator-3': consumerOf(3),
    'vcsreplicator-4': consumerOf(4),
    'vcsreplicator-5': consumerOf(5),
    'vcsreplicator-6': consumerOf(6),
    'vcsreplicator-7': consumerOf(7),
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
