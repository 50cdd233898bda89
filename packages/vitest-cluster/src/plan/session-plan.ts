import type { IsolationName } from '../definition/cluster.ts'
import type { Values } from '../definition/json.ts'
import { suggestService } from '../definition/nearest.ts'
import type { Ready, Uids } from '../definition/service-fields.ts'
import { ClusterError } from '../errors.ts'
import type { Owner } from '../machine/owner.ts'
import { own } from '../own.ts'
import type { Accounts } from '../root/accounts.ts'
import type { RootHost, RootPlan } from '../root/plan.ts'
import type { UnitSettings } from '../systemd/settings.ts'
import type { SessionPaths } from './paths.ts'

/**
 * Everything about a session. `vitest-cluster plan` prints it, it is what is started, workers get it, and the session's
 * record has it. Plain, immutable data, made before anything of the session exists.
 */
export interface SessionPlan extends SessionGround {
  /** In the order in which they start. */
  readonly services: Readonly<Record<string, ServicePlan>>
  /** If accounts have different uids: the unit before all services that gives them their directories. */
  readonly ownership?: UnitPlan | undefined
  /** If a manager in the tree runs services in roots of their own: the unit that makes these roots. */
  readonly ownRoots?: UnitPlan | undefined
}

/** The part of a session's plan that its services are planned from. */
export interface SessionGround {
  readonly id: string
  readonly paths: SessionPaths
  /** The directory that relative paths in options start from. */
  readonly baseDirectory: string
  readonly isolation: IsolationName
  readonly uids: Uids
  readonly network: 'host' | 'private'
  /** The owner of the session's root on the host. */
  readonly owner: Owner
  readonly accounts: Accounts
  readonly manager: ManagerPlan
  /** The trees that the session's own manager shows, each once, by name. */
  readonly trees: Readonly<Record<string, ShownTree>>
  readonly roots: {
    readonly main: ServiceRoot
    /** The roots of hosts, and of services with their own tree, by the name of the host or service. */
    readonly own: Readonly<Record<string, ServiceRoot>>
    /** The name of each service's root, for services that are not in the main root. */
    readonly of: Readonly<Record<string, string>>
  }
  readonly hosts: Readonly<Record<string, HostPlan>>
}

/** The systemd that runs the services as its units. */
export interface ManagerPlan {
  /** Whether the manager belongs to this session alone. */
  readonly own: boolean
  /** The control group that the session's own manager is started in. */
  readonly group?: string | undefined
  /** The address of its bus. */
  readonly address: string
  /** Where its control groups are, on the host. */
  readonly cgroup: string
  /** Names of its variables, which services must not see. */
  readonly hidden: readonly string[]
}

/** A tree of the cache, or a directory, that is shown in the session. */
export interface ShownTree {
  /** Its files on the host. */
  readonly path: string
  readonly writable: boolean
  /** The directory with the session's own files of /etc, where the manager puts them into the tree's. */
  readonly etc?: string | undefined
}

export interface HostPlan {
  readonly address: string
  /** The names of its services. */
  readonly services: readonly string[]
}

/** The root file system of services. */
export interface ServiceRoot extends RootPlan {
  /** The host whose name and directories it has. */
  readonly host?: RootHost | undefined

  /** The tree's files as the host sees them: `/` where it is the host's. */
  readonly tree: string
  /** The digest of the tree, for states that its programs make; undefined for the host's. */
  readonly digest?: string | undefined
  /** Absolute paths of programs by the names that definitions use. */
  readonly programs: Readonly<Record<string, string>>
}

/** A unit of a session. */
export interface UnitPlan {
  readonly name: string
  readonly settings: UnitSettings
}

export interface ServicePlan {
  readonly name: string
  readonly kind: string
  /** The address that it listens on. */
  readonly address: string
  /** The name of its host. */
  readonly host: string | undefined
  readonly dependsOn: readonly string[]
  readonly ports: Readonly<Record<string, number>>
  readonly values: Values
  readonly unit: UnitPlan
  /** Units that start before it, and stay up when it stops. */
  readonly helpers?: readonly UnitPlan[]
  /** The log's path on the host. */
  readonly log: string
  /** The files whose lines are copied to the log, by their paths in the tree. */
  readonly logFiles?: readonly string[]
  /** Whether its programs have a /dev/log. */
  readonly syslog?: boolean
  /** The service's files, by their paths below its directory. */
  readonly files: PlannedFiles
  /** The files for clients, by their paths below the directory of the service's clients. */
  readonly clientFiles: PlannedFiles
  /** The template of its state. */
  readonly state?: string | undefined
  /** The account that its programs run as. */
  readonly user: string | undefined
  readonly group: string | undefined
  readonly env: Readonly<Record<string, string>>
  /** System calls that are denied to it. */
  readonly deny: readonly string[]
  readonly ready: Ready
  /** Milliseconds. */
  readonly readyTimeout: number
  readonly stopSignal: NonNullable<StopSignal>
  /** Milliseconds. */
  readonly stopTimeout: number
  /** Whether `stopSignal` is not for the end of the session. */
  readonly killAtEnd?: boolean
  /** Whether the service is to run. */
  readonly up: boolean
  /** How often `restart()` was called for it. */
  readonly restarts: number
}

export type StopSignal = 'SIGKILL' | 'SIGTERM' | 'SIGINT' | 'SIGQUIT'

export type PlannedFiles = Readonly<Record<string, PlannedFile>>

export interface PlannedFile {
  readonly content: string
  readonly mode: number
}

/** A service of a session. @throws ClusterError `NO_SUCH_SERVICE` */
export function serviceOf({ services }: Pick<SessionPlan, 'services'>, name: string): ServicePlan {
  const service = own(services, name)
  if (service) return service
  throw new ClusterError({
    code: 'NO_SUCH_SERVICE',
    message: `the session has no service '${name}'`,
    fix: suggestService(name, Object.keys(services)),
  })
}

/** Whether the end of the session stops a service by its signal. The others are killed all at once. */
export function isStoppedAtEnd({ stopSignal, killAtEnd }: ServicePlan): boolean {
  return stopSignal !== 'SIGKILL' && !killAtEnd
}

/** The address that a service listens on, and the name of its host. */
export function placeOf(
  { hosts }: Pick<SessionGround, 'hosts'>,
  service: string,
): { readonly address: string; readonly host: string | undefined } {
  const found = Object.entries(hosts).find(([, { services }]) => services.includes(service))
  return { address: found?.[1].address ?? '127.0.0.1', host: found?.[0] }
}

/** The root file system that a service's units, or the programs of a host, are in. */
export function rootOf({ roots }: Pick<SessionGround, 'roots'>, service: string): ServiceRoot {
  const name = rootName(roots, service)
  return (name === undefined ? undefined : own(roots.own, name)) ?? roots.main
}

/** The name of the root that a service, or the programs of a host, are in; undefined for the main root. */
export function rootName(
  { own: roots, of }: SessionGround['roots'],
  service: string,
): string | undefined {
  return own(of, service) ?? (Object.hasOwn(roots, service) ? service : undefined)
}
