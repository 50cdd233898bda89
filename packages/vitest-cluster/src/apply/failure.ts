import { ClusterError } from '../errors.ts'
import { tail } from '../logs/service-log.ts'
import type { ServicePlan } from '../plan/session-plan.ts'
import { awaited } from '../plan/unit.ts'
import { ended, FORKED, hasSucceeded } from '../session/ended.ts'
import type { JobResult } from '../systemd/jobs.ts'
import type { Manager } from '../systemd/manager.ts'
import type { UnitState } from '../systemd/unit-state.ts'

/** What libexec/ended.sh writes of a process that a service's program left. */
const BACKGROUND = ' runs in the background'
/** What libexec/ready-listening.pl writes before the time is over. */
const ELSEWHERE = /^it listens on .*, but not on 127\.0\.0\.1:\d+.*$/
/** The error for a service whose start job ended with anything but `done`. */
export async function startFailure(
  manager: Manager,
  { name: service, unit: { name: unit }, log: path, ready, readyTimeout, ports }: ServicePlan,
  job: JobResult,
): Promise<ClusterError> {
  const [state, log] = await Promise.all([manager.state(unit), tail(path)])
  const common = { service, unit, log }
  if (job === 'timeout' || state?.result === 'timeout') {
    const elsewhere = log.findLast((line) => ELSEWHERE.test(line))
    if (elsewhere && ready === 'listening') {
      return new ClusterError({
        code: 'NOT_READY',
        ...common,
        log: log.filter((line) => line !== elsewhere),
        message: `was not ready within ${readyTimeout / 1000} s: ${elsewhere}`,
        fix: listenThere(ports),
      })
    }
    return new ClusterError({
      code: 'NOT_READY',
      ...common,
      message: `was not ready within ${readyTimeout / 1000} s; awaited: ${awaited(ready, ports)}`,
      fix: 'See its last lines. If it is only slow, give it a longer readyTimeout (milliseconds); if it says that it is ready in another way, fix ready.',
    })
  }
  if (state && hasSucceeded(state) && ready !== 'forking') {
    const gone = log.some((line) => line.endsWith(BACKGROUND))
      ? 'its program went to the background: a service ends with its first process'
      : 'its program ended with success before it was ready'
    const message = `failed to start: ${gone} (${ended(state)})`
    return new ClusterError({ code: 'SERVICE_FAILED', ...common, message, fix: FORKED })
  }
  const what = state ? ended(state) : `its start job ended with '${job}'`
  return new ClusterError({
    code: 'SERVICE_FAILED',
    ...common,
    message: `failed to start: ${what}`,
    fix: advice(state, log),
  })
}

function listenThere(ports: Readonly<Record<string, number>>): string {
  const names = Object.entries(ports).map(([name, number]) => `ports.${name} (${number})`)
  return `Have it listen on 127.0.0.1 and on ${names.join(', ')}: ports is in the context of command, env and files. A server on 'localhost' may listen on [::1] alone. For one that needs no TCP port, leave out ports and use another ready.`
}

function advice(state: UnitState | undefined, log: readonly string[]): string {
  if (state?.execMainStatus === 226) {
    return "A path of its tree cannot be mounted; see that the services' uid may enter its hostPaths."
  }
  if (log.length > 0) return 'Its last lines say why; fix its options or files.'
  return 'It wrote nothing. See that its command is right, by running it by hand.'
}
