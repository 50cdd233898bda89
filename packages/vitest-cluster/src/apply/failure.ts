import type { Ready } from '../definition/service-fields.ts'
import { ClusterError, saysWhy } from '../errors.ts'
import { NOT_EXECUTED, programProblem } from '../exec/executable.ts'
import { hostOnlyFix } from '../exec/host-only.ts'
import { tail } from '../logs/service-log.ts'
import { withoutVariables } from '../plan/environment.ts'
import { withoutOwnRoot } from '../plan/own-roots.ts'
import type { ServicePlan, SessionPlan } from '../plan/session-plan.ts'
import { withoutSyslog } from '../plan/syslog.ts'
import { awaited } from '../plan/unit.ts'
import { ended, FORKED, hasSucceeded } from '../session/ended.ts'
import { commandOf } from '../systemd/directive.ts'
import type { JobResult } from '../systemd/jobs.ts'
import type { Manager } from '../systemd/manager.ts'
import type { UnitState } from '../systemd/unit-state.ts'

/** What libexec/ended.sh writes about a process that a service's program left running. */
const BACKGROUND = ' runs in the background'
/** What libexec/ready-listening.pl writes before the start times out. */
const ELSEWHERE = /^it listens on .*, but not on 127(\.\d+){3}:\d+.*$/

/** What went wrong, and how to fix it. */
interface Problem {
  readonly what: string
  readonly fix: string
}

/** The error for a service whose start job ended with anything but `done`. */
export async function startFailure(
  manager: Manager,
  plan: SessionPlan,
  service: ServicePlan,
  job: JobResult,
): Promise<ClusterError> {
  const { name, unit, ready } = service
  const [state, log] = await Promise.all([manager.state(unit.name), tail(service.log)])
  const common = { service: name, unit: unit.name, log }
  if (job === 'timeout' || state?.result === 'timeout') {
    const elsewhere = log.findLast((line) => ELSEWHERE.test(line))
    const lines =
      elsewhere && ready === 'listening' ? log.filter((line) => line !== elsewhere) : log
    const { what, fix } =
      elsewhere && ready === 'listening'
        ? { what: `: ${elsewhere}`, fix: listenThere(service) }
        : withHostPaths(plan, service, log, await notReady(plan, service, log))
    const attempts = attemptWords(state)
    const message = `was not ready within ${service.readyTimeout / 1000} s${attempts}${what}`
    return new ClusterError({ code: 'NOT_READY', ...common, log: lines, message, fix })
  }
  const problem = state
    ? ((await notExecuted(plan, service, state)) ??
      background(state, ready, log) ??
      died(state, log))
    : { what: `its start job ended with '${job}'`, fix: `${saysWhy(log)}. ${BY_HAND}` }
  const { what, fix } = withHostPaths(plan, service, log, problem)
  const message = `${ready === 'exited' ? 'failed' : 'failed to start'}: ${what}`
  return new ClusterError({ code: 'SERVICE_FAILED', ...common, message, fix })
}

/** Adds to the fix which paths of the host the service names and does not see. */
function withHostPaths(
  plan: SessionPlan,
  { name, unit, env, files }: ServicePlan,
  log: readonly string[],
  { what, fix }: Problem,
): Problem {
  const { argv } = commandOf(unit.settings.ExecStart ?? [])
  const contents = Object.values(files).map(({ content }) => content)
  const own = [argv, Object.values(env)].map((texts) => texts.join('\n'))
  const shown = hostOnlyFix(plan, name, [log.join('\n'), ...own, ...contents])
  return { what, fix: !shown || fix.includes(shown) ? fix : `${shown} ${fix}` }
}

/** The attempts to start a service with a restart policy, if there were several. */
function attemptWords(state: UnitState | undefined): string {
  if (!state || state.restarts === 0) return ''
  const last = state.execMainCode === 0 ? '' : `; how it ended: ${ended(state)}`
  return `, with all restarts by systemd (NRestarts=${state.restarts})${last}`
}

const BY_HAND = 'Run its command by hand to find the cause.'

/** For a service that runs and is not ready, or whose readiness command cannot be executed. */
async function notReady(
  plan: SessionPlan,
  { name, user, ready, address, ports }: ServicePlan,
  log: readonly string[],
): Promise<Problem> {
  const what = `; awaited: ${awaited({ ready, address, ports })}`
  if (typeof ready === 'object' && 'exec' in ready) {
    const [program = ''] = ready.exec
    const problem = await programProblem(plan, { name, user }, program)
    if (problem)
      return { what: `${what}, which cannot be executed: ${problem.what}`, fix: problem.fix }
  }
  const look = log.length > 0 ? 'See its last lines.' : 'It wrote nothing.'
  return {
    what,
    fix: `${look} If it is slow to start, set a longer readyTimeout (milliseconds). If it reports readiness in another way, change ready.`,
  }
}

/** For a service whose program cannot be executed. */
async function notExecuted(
  plan: SessionPlan,
  { name, user, unit }: ServicePlan,
  { execMainCode, execMainStatus }: UnitState,
): Promise<Problem | undefined> {
  if (execMainCode !== 1 || !NOT_EXECUTED.includes(execMainStatus)) return undefined
  const [program = ''] = withoutVariables(
    withoutSyslog(withoutOwnRoot(commandOf(unit.settings.ExecStart ?? []).argv)),
  )
  const problem = await programProblem(plan, { name, user }, program)
  return problem && { what: `its program cannot be executed: ${problem.what}`, fix: problem.fix }
}

/** For a service whose first process ended with success. */
function background(state: UnitState, ready: Ready, log: readonly string[]): Problem | undefined {
  if (!hasSucceeded(state)) return undefined
  if (ready === 'forking') {
    return {
      what: ended(state),
      fix: `${saysWhy(log)}. ready: 'forking' is for a program that leaves a daemon in the background. For a program that stays in the foreground, use another ready.`,
    }
  }
  const left = log.some((line) => line.endsWith(BACKGROUND))
  if (left)
    return {
      what: `its program went to the background: a service ends with its first process (${ended(state)})`,
      fix: FORKED,
    }
  return {
    what: `its program ended with success before it was ready (${ended(state)})`,
    fix: `${saysWhy(log)}. ${FORKED}`,
  }
}

function died(state: UnitState, log: readonly string[]): Problem {
  const what = ended(state)
  if (state.execMainStatus === 226 && state.execMainCode === 1) {
    const fix =
      "systemd cannot mount a path of its tree. Check that the services' uid may enter its hostPaths."
    return { what, fix }
  }
  const next = log.length > 0 ? 'Fix its options or files.' : BY_HAND
  return { what, fix: `${saysWhy(log)}. ${next}` }
}

function listenThere({ address, host, ports }: ServicePlan): string {
  const names = Object.entries(ports).map(([name, number]) => `ports.${name} (${number})`)
  const given = host === undefined ? '{ ports }' : '{ address, ports }'
  // On a host, localhost is its address only
  const localhost = host === undefined ? " A server on 'localhost' may listen on [::1] only." : ''
  return `Make it listen on ${address} and on ${names.join(', ')}, which command, env and files receive as (${given}).${localhost} If it needs no TCP port, remove ports and use another ready.`
}
