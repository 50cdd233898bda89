import { constants } from 'node:os'
import { saysWhy } from '../errors.ts'
import { isDown, type UnitState } from '../systemd/unit-state.ts'

/** The fix for a program that ended with exit status 0. */
export const FORKED =
  "If the program is a daemon that forks into the background, pass its option to stay in the foreground (such as -F, -D, --foreground or --no-daemon), or use ready: 'forking'."

/** Whether a service's first process ended with exit status 0, as the first process of a daemon does. */
export function hasSucceeded({ execMainCode, execMainStatus }: UnitState): boolean {
  return execMainCode === 1 && execMainStatus === 0
}

/**
 * How a service ended, in one clause. systemd has three properties for it (`Result=`, `ExecMainCode=` and
 * `ExecMainStatus=`, org.freedesktop.systemd1(5)); the clause names the one that is the cause. Pure.
 */
export function ended(state: UnitState): string {
  const { restarts } = state
  if (!isDown(state) || restarts === 0) return lastEnd(state)
  // A restart that StartLimitBurst= refuses counts, too
  return `${lastEnd(state)}; systemd does not restart it again (NRestarts=${restarts})`
}

function lastEnd(state: UnitState): string {
  const { result, noMain } = state
  // These say more than the end of the main process, which systemd itself may have killed
  const cause = CAUSES[result]
  // 262 reports the limit in place of the end before it
  if (cause && result === 'start-limit-hit' && state.execMainCode !== 0)
    return `${processEnd(state)}; ${cause}`
  if (cause) return cause
  // For the signals of a stop the result is `success`, even if another process sent the signal
  if (state.stopped && result === 'success') return 'systemd stopped it'
  if (state.readyFailed && !ownEnd(state)) return 'the check that it is ready failed'
  if (noMain && hasSucceeded(state))
    return 'its first process ended with exit status 0 and left no other process'
  return processEnd(state)
}

const CAUSES: Readonly<Record<string, string>> = {
  'oom-kill': 'one of its processes was killed for lack of memory (oom-kill)',
  timeout: 'it did not start or stop in time and was killed',
  watchdog: 'it did not notify the watchdog in time and was killed',
  resources: 'systemd could not start it (resources)',
  'start-limit-hit': 'it was started too often (start-limit-hit)',
  'exec-condition': 'a condition for its start was not met (exec-condition)',
}

/** Whether a program ended before it was ready, rather than by the SIGKILL that systemd sends after a failed check. */
function ownEnd({ execMainCode, execMainStatus }: UnitState): boolean {
  return execMainCode !== 2 || execMainStatus !== constants.signals.SIGKILL
}

/** The fix for a service that ended while the session was up. */
export function downFix(
  state: UnitState | undefined,
  dependsOn: readonly string[],
  log: readonly string[],
): string {
  if (state?.stopped && state.result === 'success') {
    const or =
      dependsOn.length > 0 ? `, or a service that it depends on (${dependsOn.join(', ')})` : ''
    return `Another program, such as systemctl, stopped it${or}. restart() starts it again.`
  }
  const daemon = state && hasSucceeded(state) ? ` ${FORKED}` : ''
  return `It ended while the session was up. ${saysWhy(log)}; restart() starts it again.${daemon}`
}

function processEnd({ execMainCode, execMainStatus, wasActive }: UnitState): string {
  if (execMainCode === 1)
    return `exit status ${execMainStatus}${meaning(execMainStatus, wasActive)}`
  const dumped = execMainCode === 3 ? ', core dumped' : ''
  if (execMainCode !== 0)
    return `killed by signal ${execMainStatus}${signalName(execMainStatus)}${dumped}`
  return 'its program was not run'
}

function signalName(number: number): string {
  const found = Object.entries(constants.signals).find(([, each]) => each === number)
  return found ? ` (${found[0]})` : ''
}

/** The meaning of an exit status (systemd.exec(5), "Process Exit Codes"). From 200 on only if the program has not run. */
function meaning(status: number, ran: boolean): string {
  const words = MEANINGS[status]
  return words === undefined || (ran && status >= 200) ? '' : ` (${words})`
}

const MEANINGS: Readonly<Record<number, string>> = {
  126: 'a program cannot be executed',
  127: 'no such program',
  200: 'cannot enter its working directory',
  203: 'the program cannot be executed',
  205: 'its limits cannot be set',
  208: 'its standard input cannot be opened',
  209: 'its log cannot be opened',
  216: 'its group cannot be set',
  217: 'its user cannot be set',
  219: 'its control group cannot be entered',
  222: 'its log cannot be opened',
  226: 'its mount namespace cannot be set up',
  228: 'its system call filter cannot be set',
}
