import type { ServiceDefinition } from '../definition/service.ts'
import { ClusterError } from '../errors.ts'
import { awaited, READY_TIMEOUT, type UnitPlan } from '../plan/unit.ts'
import type { JobResult } from '../systemd/jobs.ts'
import type { Manager, UnitState } from '../systemd/manager.ts'
import { tail } from '../logs/service-log.ts'

/** What libexec/ended.sh writes of a process that a service's program left. */
const BACKGROUND = ' runs in the background'
/** What to do about a program that ended with success. */
export const FORKED =
  "If it is a daemon that goes to the background, give it its option to stay in the foreground (such as -F, -D, --foreground or --no-daemon), or write ready: 'forking'. Else its last lines may say why it ended."

/** The error for a service whose start job ended with anything but `done`. */
export async function startFailure(
  manager: Manager,
  plan: UnitPlan,
  definition: ServiceDefinition,
  ports: Readonly<Record<string, number>>,
  job: JobResult,
): Promise<ClusterError> {
  const [state, log] = await Promise.all([manager.state(plan.unit), tail(plan.log)])
  const common = { service: plan.service, unit: plan.unit, log }
  if (job === 'timeout' || state?.result === 'timeout') {
    const seconds = (definition.readyTimeout ?? READY_TIMEOUT) / 1000
    return new ClusterError({
      code: 'NOT_READY',
      ...common,
      message: `was not ready within ${seconds} s; awaited: ${awaited(definition.ready, ports)}`,
      mend: 'See its last lines. If it is only slow, give it a longer readyTimeout (milliseconds); if it says that it is ready in another way, mend ready.',
    })
  }
  if (state && hasSucceeded(state) && definition.ready !== 'forking') {
    const gone = log.some((line) => line.endsWith(BACKGROUND))
      ? 'its program went to the background: a service ends with its first process'
      : 'its program ended with success before it was ready'
    const message = `failed to start: ${gone} (${ended(state)})`
    return new ClusterError({ code: 'SERVICE_FAILED', ...common, message, mend: FORKED })
  }
  const what = state ? ended(state) : `its start job ended with '${job}'`
  return new ClusterError({
    code: 'SERVICE_FAILED',
    ...common,
    message: `failed to start: ${what}`,
    mend: advice(state, log),
  })
}

/** Whether a service's first process ended with exit status 0, as that of a daemon does. */
export function hasSucceeded({ execMainCode, execMainStatus }: UnitState): boolean {
  return execMainCode === 1 && execMainStatus === 0
}

function advice(state: UnitState | undefined, log: readonly string[]): string {
  if (state?.execMainStatus === 226) {
    return "A path of its tree cannot be mounted; see that the services' uid may enter its hostPaths."
  }
  if (log.length > 0) return 'Its last lines say why; mend its options or files.'
  return 'It wrote nothing. See that its command is right, by running it by hand.'
}

/** How a service ended, in words: its result, and its exit status or signal (systemd.exec(5), "Process Exit Codes"). */
export function ended({ result, execMainStatus, execMainCode }: UnitState): string {
  const how =
    execMainCode === 2 || execMainCode === 3
      ? `killed by signal ${execMainStatus}`
      : execMainCode === 1
        ? `exit status ${execMainStatus}${meaning(execMainStatus)}`
        : 'its program never ran'
  return `result '${result}', ${how}`
}

function meaning(status: number): string {
  const words: Record<number, string> = {
    127: ' (no such program)',
    200: ' (cannot enter its working directory)',
    203: ' (the program cannot be executed)',
    209: ' (its log cannot be opened)',
    217: ' (its user cannot be set)',
    226: ' (its mount namespace cannot be set up)',
  }
  return words[status] ?? ''
}
