import { type IgnoredLimit, ignoredLimits } from '../observe/ignored-limits.ts'
import type { SessionPlan } from '../plan/session-plan.ts'
import type { SessionWarning } from '../session/record.ts'
import type { Manager } from '../systemd/manager.ts'

const SECCOMP = 'Run on a kernel with CONFIG_SECCOMP_FILTER; zgrep SECCOMP /proc/config.gz.'
const DESCRIPTORS = [
  'ulimit -Hn        # the hard limit of the shell that starts the session',
  'Raise it: nofile in limits.conf(5), LimitNOFILE= in a drop-in of user@.service, or docker run --ulimit nofile=…; the most is sysctl fs.nr_open. Or give LimitNOFILE a smaller value.',
].join('\n')

/** Settings of the definition that have no effect in this session. Empty where this cannot be found out. */
export async function warningsOf(manager: Manager, plan: SessionPlan): Promise<SessionWarning[]> {
  const limits = await ignoredLimits(manager, plan).catch(() => [])
  return Promise.all(
    limits.map(async (limit) => {
      const { services, setting, reason } = limit
      const message = `${setting} is ignored: ${reason}`
      return { services, setting, message, fix: await fixOf(limit) }
    }),
  )
}

async function fixOf({ setting }: IgnoredLimit): Promise<string> {
  if (setting === 'SystemCallDeny') return SECCOMP
  if (setting === 'LimitNOFILE') return DESCRIPTORS
  const { noControllers } = await import('../doctor/explain.ts')
  const lack = await noControllers()
  return lack?.fix ?? 'npx vitest-cluster doctor   # see cgroup-controllers'
}
