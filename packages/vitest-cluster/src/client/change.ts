import { apply } from '../apply/apply.ts'
import {
  dependentsOf,
  difference,
  withoutService,
  withRestart,
  withService,
} from '../plan/difference.ts'
import { type SessionPlan, serviceOf } from '../plan/session-plan.ts'
import type { Manager } from '../systemd/manager.ts'

/**
 * Restarts a service that is up, and it alone. Starts one that is down, and those that were stopped with it.
 * @returns the services that were started or restarted
 * @throws ClusterError `SERVICE_FAILED`, `NOT_READY`
 */
export async function restartService(
  plan: SessionPlan,
  name: string,
  manager: Manager,
): Promise<string[]> {
  const now = await observed(plan, manager)
  if (serviceOf(now, name).up) return change(now, withRestart(now, name), manager)
  const to = [name, ...dependentsOf(now, name)].reduce(withService, now)
  return change(now, to, manager)
}

/**
 * Stops a service, and those that require it.
 * @returns the services that were stopped
 * @throws ClusterError `STOP_TIMEOUT` for one that ignored its stop signal and was killed
 */
export async function stopService(
  plan: SessionPlan,
  name: string,
  manager: Manager,
): Promise<string[]> {
  const now = await observed(plan, manager)
  return change(now, withoutService(now, name), manager)
}

async function change(from: SessionPlan, to: SessionPlan, manager: Manager): Promise<string[]> {
  await apply(from, to, { manager })
  return difference(from, to).flatMap((step) =>
    step.step === 'start' || step.step === 'stop' || step.step === 'restart' ? step.service : [],
  )
}

/** The plan of a session with what runs of it now. */
async function observed(plan: SessionPlan, manager: Manager): Promise<SessionPlan> {
  const services = await Promise.all(
    Object.entries(plan.services).map(async ([name, service]) => {
      const state = await manager.state(service.unit.name)
      const up = ['active', 'activating', 'reloading'].includes(state?.activeState ?? '')
      return [name, { ...service, up }] as const
    }),
  )
  return { ...plan, services: Object.fromEntries(services) }
}
