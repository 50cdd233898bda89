import { join } from 'node:path'
import { seenByManager } from '../isolation/confine.ts'
import { TREE_LIBEXEC } from '../libexec.ts'
import type { UnitSettings } from '../systemd/settings.ts'
import { script } from './environment.ts'
import { syslogUnit } from './names.ts'
import { logName } from './paths.ts'
import { sandbox } from './sandbox.ts'
import type { SessionGround, UnitPlan } from './session-plan.ts'
import { JOURNAL, syslogDirectory, syslogProgram } from './syslog.ts'

const FLUSH_TIMEOUT = 10_000

/**
 * The unit that listens on the /dev/log of one service's programs, and writes what they send to the service's log. Starts
 * before the service and stays up when the service stops. Pure.
 */
export function planSyslog(service: string, ground: SessionGround): UnitPlan {
  const { id, isolation } = ground
  const log = join(seenByManager(ground).logs, logName(service))
  const link = isolation === 'chroot' ? [] : [JOURNAL]
  const settings: UnitSettings = {
    Description: `/dev/log of ${service} of vitest-cluster session ${id}`,
    ...sandbox(ground, { service, user: 'root', cwd: '/' }),
    ExecStartPre: script(
      service,
      [`${TREE_LIBEXEC}/make-syslog.sh`, syslogDirectory(service), ...link],
      {},
    ),
    ExecStart: syslogProgram('listen', service),
    ExecReload: syslogProgram('flush', service),
    // The start is over when the socket can be used
    Type: 'forking',
    StandardOutput: `append:${log}`,
    StandardError: `append:${log}`,
    TimeoutStartSec: FLUSH_TIMEOUT,
    KillSignal: 'SIGKILL',
    SuccessExitStatus: ['SIGKILL'],
  }
  return { name: syslogUnit(id, service), settings }
}
