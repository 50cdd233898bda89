import type { Handle, HostWithServices } from '../client/client.ts'
import type { Services } from '../definition/cluster.ts'
import type { PortNumbers } from '../definition/named-ports.ts'
import type { SessionWarning } from '../session/record.ts'

/** Options of `openSession()`. */
export interface OpenOptions<S extends Services = Services> {
  /**
   * Numbers for ports, by `SERVICE` or `SERVICE.PORT`: `{ ssh: 20059, 'ldap.ldaps': 10636 }`. They replace those in the
   * definition.
   */
  readonly ports?: PortNumbers<S>
  /** The directory that relative paths in the services' options start from; the working directory by default. */
  readonly baseDirectory?: string
  /** A directory to copy the logs to when the cluster does not start. By default logs are not kept. */
  readonly keepLogs?: string
  /** Called when a service is ready. Called again if the cluster had to be started again with other ports. */
  readonly onReady?: (service: string) => void
}

/**
 * A running cluster, in the process that opened it. It ends with `close()`, at the end of the block of `await using`, or
 * with the process.
 */
export interface Session<S extends Services = Services, Host extends string = string>
  extends AsyncDisposable {
  /** Eight hexadecimal digits, for the command line: `npx vitest-cluster status --session ID`. */
  readonly id: string
  /** Limits of its services that this machine ignores; `[]` if it enforces all. */
  readonly warnings: readonly SessionWarning[]
  /**
   * Returns a service's handle. When the session or the service has died, each later use of the handle throws the cause.
   * @throws ClusterError `NO_SUCH_SERVICE`, `SESSION_CLOSED`, `MANAGER_LOST`
   */
  handle<Name extends keyof S & string>(name: Name): Promise<Handle<S[Name]>>
  /** Returns a host's handle, which has those of its services: `host.sshd`. @throws ClusterError `NO_SUCH_SERVICE`, `SESSION_CLOSED`, `MANAGER_LOST` */
  host<Name extends Host>(name: Name): Promise<HostWithServices<S, Name>>
  /**
   * Stops the services and removes the session. Resolves when nothing of it is left. A second call does nothing more.
   * @throws ClusterError `STOP_TIMEOUT` when a service ignored its stop signal; the session is removed all the same
   */
  close(): Promise<void>
  /**
   * Leaves the session up, owned by a process in the background, until `npx vitest-cluster down` or until `seconds` are
   * over. A later `close()` leaves it up, and services that die are no longer reported.
   * @param seconds until the session is removed; never by default
   */
  detach(seconds?: number): Promise<void>
}
