import { constants } from 'node:os'
import { checkOptionNames } from '../definition/options.ts'
import { shown } from '../definition/refuse.ts'
import { isPlain } from '../definition/words.ts'
import { ClusterError } from '../errors.ts'
import { tail } from '../logs/service-log.ts'
import { own } from '../own.ts'
import { type ServicePlan, type SessionPlan, serviceOf } from '../plan/session-plan.ts'
import { died } from '../session/ending.ts'
import { markAsked, markDown, whyDown } from '../session/health.ts'
import { whileLocked } from '../session/lock.ts'
import type { Manager } from '../systemd/manager.ts'
import { awaitsRestart, isDown } from '../systemd/unit-state.ts'
import { monotonic } from '../timers.ts'

/** Options of a handle's `kill()`. */
export interface KillOptions {
  /** `main`: the main process of the unit, by default. `all`: all its processes. As `--kill-whom` of systemctl(1). */
  readonly whom?: 'main' | 'all'
}

const WHOM = ['main', 'all'] as const
const OPTIONS = "Give { whom: 'main' } or { whom: 'all' }."

export interface Kill {
  /** The signal's name. */
  readonly signal: string
  readonly options?: KillOptions | undefined
  /** The caller's words, such as `kill('SIGTERM')`, for errors of later uses of the service. */
  readonly call: string
}

/**
 * Sends a signal to a service's processes. Resolves when the signal is sent; with SIGKILL, when the service is down.
 * @throws ClusterError `INVALID_INPUT`; `SERVICE_FAILED` and `SERVICE_STOPPED` for a service that is not up
 */
export async function killService(
  plan: SessionPlan,
  name: string,
  manager: Manager,
  { signal, options = {}, call }: Kill,
): Promise<void> {
  const service = serviceOf(plan, name)
  const number = numberOf(signal, name)
  const whom = whomOf(options, name)
  const { status } = plan.paths
  const unit = service.unit.name
  // Without a reference systemd unloads the unit at its end, and its result is lost
  const held = await manager.ref(unit)
  try {
    const state = held ? await manager.state(unit) : undefined
    if (!state || isDown(state) || awaitsRestart(state)) throw downError(plan, service, call)
    if (state.subState === 'exited') throw isDone(name)
    await markAsked(status, name, { call, of: name, signal: number, at: monotonic() })
    const send = () => manager.kill(unit, whom, number)
    if (signal !== 'SIGKILL') return await send()
    await manager.untilDown(unit, send)
    await whileLocked(plan.id, [name], async () => {
      const now = await manager.state(unit)
      if (!now || !isDown(now)) return
      if (whyDown(status, name)?.code === 'SERVICE_STOPPED') return
      const log = await tail(service.log)
      await markDown(status, { ...died(status, service, now, log), log }, name)
    })
  } finally {
    if (held) await manager.unref(unit)
  }
}

function whomOf(options: KillOptions, service: string): 'main' | 'all' {
  const given: unknown = options
  if (!isPlain(given)) throw refused(service, `its options are ${shown(given)}`, OPTIONS)
  checkOptionNames(undefined, given, ['whom'], (what, fix) => {
    throw refused(service, what, fix)
  })
  const { whom = 'main' } = options
  if (!WHOM.includes(whom)) throw refused(service, `whom is ${shown(whom)}`, OPTIONS)
  return whom
}

function numberOf(signal: string, service: string): number {
  const number = typeof signal === 'string' ? own(constants.signals, signal) : undefined
  if (number !== undefined) return number
  const fix = "Give a signal by its name, such as 'SIGTERM'; 'SIGKILL' is the default."
  throw refused(service, `the signal is ${shown(signal)}`, fix)
}

function refused(service: string, what: string, fix: string): ClusterError {
  return new ClusterError({ code: 'INVALID_INPUT', service, message: `kill: ${what}`, fix })
}

/** For a one-off job that has ended: it is up, and has no process. */
function isDone(name: string): ClusterError {
  const what = "there is no process: it is a one-off job (ready: 'exited') and has ended"
  return refused(name, what, 'restart() runs it again, stop() stops it and those that require it.')
}

function downError(
  { paths }: SessionPlan,
  { name, unit }: ServicePlan,
  call: string,
): ClusterError {
  const { asked, ...down } = whyDown(paths.status, name) ?? {
    code: 'SERVICE_FAILED' as const,
    service: name,
    unit: unit.name,
    message: 'is down',
    fix: 'start() starts it again.',
  }
  return new ClusterError({ ...down, message: `${call} found no process: it ${down.message}` })
}
