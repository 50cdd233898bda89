import type { ClusterErrorDetails } from '../errors.ts'
import type { ServicePlan } from '../plan/session-plan.ts'
import type { UnitState } from '../systemd/unit-state.ts'
import { monotonic } from '../timers.ts'
import { downFix, ended } from './ended.ts'
import { type Asked, askedOf, type Down, whyDown } from './health.ts'

/** The error for a service that was stopped on purpose. */
export function stopped(service: ServicePlan, asked: Asked): Down {
  const { call, of } = asked
  const own = of === service.name
  return {
    code: 'SERVICE_STOPPED',
    service: service.name,
    unit: service.unit.name,
    message: own ? `was stopped by ${call}` : `was stopped by ${call} of ${of}, which it requires`,
    fix: own ? 'start() starts it again.' : `start() of ${of} starts both again.`,
    asked,
  }
}

/** The error for a service that was not stopped, but ended: unexpectedly, or by a signal of `kill()`. */
export function died(
  status: string,
  { name, unit, dependsOn }: ServicePlan,
  state: UnitState | undefined,
  log: readonly string[],
): Down {
  const how = state
    ? ended(state)
    : 'how it ended is unknown, because systemd has unloaded its unit'
  const details: ClusterErrorDetails = {
    code: 'SERVICE_FAILED',
    service: name,
    unit: unit.name,
    message: `is down: ${how}`,
  }
  const kill = askedOf(status, name)
  if (kill && kill.signal === undefined)
    return { ...details, fix: downFix(state, dependsOn, log), asked: kill }
  if (kill && isOf(kill, state)) {
    const when = isSignalled(state) ? 'sent the signal' : `was called ${since(kill)} earlier`
    const message = `${details.message}; ${kill.call} ${when}`
    return { ...details, message, fix: 'start() starts it again.', asked: kill }
  }
  return { ...details, fix: downFix(state, dependsOn, log) }
}

/** The error for a service that has ended and that systemd is about to restart. */
export function awaitingRestart({ unit }: ServicePlan, down: Down): Down {
  const { Restart, RestartSec = 100 } = unit.settings
  return {
    ...down,
    message: `${down.message}; systemd restarts it in ${RestartSec / 1000} s (Restart=${Restart})`,
    fix: 'await start() waits until it is ready again, restart() starts it at once.',
  }
}

/** How a service ended, in a few words. */
export function endedWords(
  status: string,
  service: string,
  state: UnitState | undefined,
): string | undefined {
  const down = whyDown(status, service)
  if (!down?.asked) return state && ended(state)
  return down.message.replace(/^is down: /, '')
}

/**
 * Whether a call can have ended a service: not if another signal than that of the call did, nor if systemd has restarted
 * the service since the call.
 */
function isOf({ signal, at }: Asked, state: UnitState | undefined): boolean {
  if (state && state.begun > at) return false
  return !isSignalled(state) || state?.execMainStatus === signal
}

function isSignalled(state: UnitState | undefined): boolean {
  return state?.execMainCode === 2 || state?.execMainCode === 3
}

function since({ at }: Asked): string {
  return `${((monotonic() - at) / 1e6).toFixed(1)} s`
}
