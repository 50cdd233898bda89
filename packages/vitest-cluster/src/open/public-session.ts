import type { Handle } from '../client/client.ts'
import type { Services } from '../definition/cluster.ts'
import type { SessionWarning } from '../session/record.ts'

/** Options of `openSession()`. */
export interface OpenOptions {
  /** What relative paths in the services' options start from; the working directory by default. */
  readonly baseDirectory?: string
  /** A directory in which the logs are kept when the cluster does not start. None by default. */
  readonly keepLogs?: string
  /** Called when a service is ready; again where the cluster was started again. */
  readonly onReady?: (service: string) => void
}

/**
 * A cluster that is up, in the process that opened it. Ends with `close()`, with the block of `await using`, or with the
 * process.
 */
export interface Session<S extends Services = Services> extends AsyncDisposable {
  /** Eight hexadecimal digits, for the command line: `npx vitest-cluster status --session ID`. */
  readonly id: string
  /** Limits of its services that this machine ignores; `[]` where it enforces all. */
  readonly warnings: readonly SessionWarning[]
  /**
   * Returns a service's handle. When the session or the service has died, each later use of the handle throws the cause.
   * @throws ClusterError `NO_SUCH_SERVICE`, `SESSION_CLOSED`, `MANAGER_LOST`
   */
  handle<Name extends keyof S & string>(name: Name): Promise<Handle<S[Name]>>
  /**
   * Stops the services, and resolves when nothing of the session is left. Closing twice is closing once.
   * @throws ClusterError `STOP_TIMEOUT` when a service ignored its stop signal; everything is gone then too
   */
  close(): Promise<void>
  /**
   * Leaves the session up, owned by a process in the background, until `npx vitest-cluster down` or until `seconds` are
   * over. A later `close()` leaves it up, and services that die are no longer reported.
   * @param seconds until the session is removed; never by default
   */
  detach(seconds?: number): Promise<void>
}
