import type { Exec } from '../definition/exec.ts'
import { suggestService } from '../definition/nearest.ts'
import { ClusterError } from '../errors.ts'
import type { ExecService } from '../exec/exec.ts'
import { own } from '../own.ts'
import type { HostPlan, SessionPlan } from '../plan/session-plan.ts'
import { SESSION } from '../root/accounts.ts'
import type { Manager } from '../systemd/manager.ts'
import { restartService, startService, stopService } from './change.ts'

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
   * Stops its services, and those of other hosts that require one of these. Does nothing for services that are down.
   * @throws ClusterError `STOP_TIMEOUT` for one that ignored its stop signal and was killed
   */
  stop(): Promise<void>
  /** Starts its services that are down, and what these require. @throws ClusterError `SERVICE_FAILED`, `NOT_READY` */
  start(): Promise<void>
  /** Restarts its services, one after the other. @throws ClusterError `SERVICE_FAILED`, `NOT_READY` */
  restart(): Promise<void>
}

/** A host of a session. @throws ClusterError `NO_SUCH_SERVICE` */
export function hostOfPlan({ hosts, services }: SessionPlan, name: string): HostPlan {
  const host = own(hosts, name)
  if (host) return host
  throw new ClusterError({
    code: 'NO_SUCH_SERVICE',
    message: `the session has no host '${name}'`,
    fix: suggestService(name, [...Object.keys(hosts), ...Object.keys(services)]),
  })
}

/** A host as the service beside which its programs run. */
export function programsOf({ accounts }: SessionPlan, host: string): ExecService {
  const HOME = own(accounts.users, SESSION)?.home ?? '/'
  return { name: host, user: undefined, group: undefined, env: { HOME }, deny: [], cwd: '/' }
}

/** Stops the services of a host. @returns the services that were stopped */
export function stopHost(plan: SessionPlan, host: string, manager: Manager, call: string) {
  return inTurn(hostOfPlan(plan, host).services, (each) => stopService(plan, each, manager, call))
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
