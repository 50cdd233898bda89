import type { ServiceDefinition } from 'vitest-cluster'
import { supervised } from './supervised.ts'

const BIN = '/var/hg/venv_tools/bin'

/** The programs of hgssh that pass on what was pushed. */
export function master() {
  return {
    pushdataaggregator: daemon('aggregator', 'pushdataaggregator'),
    'pushdataaggregator-pending': daemon('aggregator', 'pushdataaggregator-pending'),
    pulsenotifier: daemon('pulse-notifier', 'notifications', 'pulsenotifier'),
    snsnotifier: daemon('sns-notifier', 'notifications', 'snsnotifier'),
  }
}

function daemon(program: string, config: string, log = config): ServiceDefinition {
  return supervised({
    kind: program,
    command: [`${BIN}/vcsreplicator-${program}`, `/etc/mercurial/${config}.ini`],
    stdoutLogfile: `/var/log/${log}.log`,
    after: ['hgssh-topics'],
    graceful: true,
  })
}
