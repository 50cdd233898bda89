import type { Exec } from '../definition/exec.ts'
import type { SessionPlan } from '../plan/session-plan.ts'
import type { Manager } from '../systemd/manager.ts'
import { restartService, type Stop, type StopOptions, startService, stopService } from './change.ts'
import { hostOfPlan } from './programs.ts'

/** The handle of a host. It also has the handles of its services. */
export interface HostHandle {
  /** The host's name, which programs in the tree can resolve. */
  readonly name: string
  /** The address that its services listen on. */
  readonly address: string
  /**
   * Runs a program on the host: with its directories, as the account `session`, in `/`. @throws ClusterError `EXEC_FAILED`
   */
  readonly exec: Exec
  /**
   * Stops its services and, unless it is `alone`, those of other hosts that require one of these. Does nothing for services
   * that are down.
   * @throws ClusterError `STOP_TIMEOUT` for one that ignored its stop signal and was killed; `INVALID_INPUT`
   */
  stop(options?: StopOptions): Promise<void>
  /** Starts its services that are down, and what these require. @throws ClusterError `SERVICE_FAILED`, `NOT_READY` */
  start(): Promise<void>
  /** Restarts its services, one after the other. @throws ClusterError `SERVICE_FAILED`, `NOT_READY` */
  restart(): Promise<void>
}

/** Stops the services of a host. @returns the services that were stopped @throws as {@link HostHandle.stop} */
export function stopHost(plan: SessionPlan, host: string, manager: Manager, stop: Stop) {
  const services = inOrder(plan, host)
  // Services that stop alone do not take down those that require them, so these go first
  const order = stop.options?.alone ? services.reverse() : services
  return inTurn(order, (each) => stopService(plan, each, manager, stop))
}

/** Starts the services of a host. @returns the services that were started */
export function startHost(plan: SessionPlan, host: string, manager: Manager) {
  return inTurn(inOrder(plan, host), (each) => startService(plan, each, manager))
}

/** Restarts the services of a host. @returns the services that were restarted */
export function restartHost(plan: SessionPlan, host: string, manager: Manager) {
  return inTurn(inOrder(plan, host), (each) => restartService(plan, each, manager))
}

/** The services of a host, each after those that it requires. */
function inOrder(plan: SessionPlan, host: string): string[] {
  const { services } = hostOfPlan(plan, host)
  return Object.keys(plan.services).filter((each) => services.includes(each))
}

async function inTurn(
  services: readonly string[],
  change: (service: string) => Promise<readonly string[]>,
): Promise<string[]> {
  const changed: string[] = []
  for (const each of services) changed.push(...(await change(each)))
  return changed
}
