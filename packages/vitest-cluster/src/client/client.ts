import { awaitable, checkedHandle } from '../definition/check-results.ts'
import type { Services } from '../definition/cluster.ts'
import type { Exec, ExecEncoding, ExecOptions, ExecResult } from '../definition/exec.ts'
import { serviceOnHost } from '../definition/host.ts'
import type { HandleOf, ServiceDefinition } from '../definition/service.ts'
import type { HandleContext } from '../definition/service-context.ts'
import { calling, threw } from '../definition/thrown.ts'
import type { DetachOptions } from '../exec/detach.ts'
import { execInTree, type Started } from '../exec/exec.ts'
import { holdErrors } from '../exec/input.ts'
import { ServiceLog } from '../logs/service-log.ts'
import { readFileOf, serviceContext } from '../plan/context.ts'
import { type ServicePlan, type SessionPlan, serviceOf } from '../plan/session-plan.ts'
import { assertService, assertSession, failureOf } from '../session/health.ts'
import { reachManager } from '../session/reach.ts'
import type { Manager } from '../systemd/manager.ts'
import { catchUp } from './catch-up.ts'
import type { StopOptions } from './change.ts'
import { explained } from './explained.ts'
import type { HostHandle } from './host.ts'
import type { KillOptions } from './kill.ts'
import { hostOfPlan, programsOf } from './programs.ts'

/** The properties and methods of every service's handle. */
export interface CommonHandle {
  /** The service's name in the cluster; also a host name in the tree. */
  readonly name: string
  /** What the service is, as its definition says: `ldap`, `ssh`, `redis`. */
  readonly kind: string
  /** The name of its systemd unit. */
  readonly unit: string
  /** What the service wrote to standard output, standard error and its log files. */
  readonly log: ServiceLog
  /** Restarts this service alone, on the same ports and data; resolves when it is ready again. A service that is down is started, as by {@link start}. */
  restart(): Promise<void>
  /**
   * Stops this service and, as systemd does, those that require it; resolves when they are stopped. A later use of one of
   * them throws `SERVICE_STOPPED`. Does nothing if the service is down.
   * @throws ClusterError `STOP_TIMEOUT` for one that ignored its stop signal and was killed; `INVALID_INPUT`
   */
  stop(options?: StopOptions): Promise<void>
  /**
   * Starts this service, those that it requires, and those that `stop()` stopped with one of these; resolves when they are
   * ready. Does nothing if the service is up.
   * @throws ClusterError `SERVICE_FAILED`, `NOT_READY`
   */
  start(): Promise<void>
  /**
   * Sends a signal to the main process, or to all processes, of this service. Resolves when the signal is sent; with
   * SIGKILL, when the service is down. Services that require it stay up. `start()` starts it again.
   * @param signal the signal's name; `SIGKILL` by default
   * @throws ClusterError `INVALID_INPUT`; `SERVICE_FAILED` and `SERVICE_STOPPED` if the service is down
   */
  kill(signal?: NodeJS.Signals, options?: KillOptions): Promise<void>
  /** Runs a program in the service's tree. @throws ClusterError `EXEC_FAILED` */
  readonly exec: Exec
}

/** A service's handle. What its definition returns comes before the common properties. */
export type Handle<S> = HandleOf<S> & Omit<CommonHandle, keyof HandleOf<S>>

/** A host's handle with those of its services, by their names on the host: `web0.sshd.url`. */
export type HostWithServices<S, Host extends string> = HostHandle & {
  readonly [Name in keyof S as Name extends `${Host}-${infer Own}` ? Own : never]: Handle<S[Name]>
}

/** Uses a session from any process of the same user: makes handles, and connects to the manager when a handle needs it. */
export class SessionClient {
  readonly plan: SessionPlan
  readonly #used: (service: string) => void
  #manager: Promise<Manager> | undefined

  constructor(
    plan: SessionPlan,
    options: {
      readonly manager?: Manager
      /** Called at each use of a handle. */
      readonly used?: (service: string) => void
    } = {},
  ) {
    this.plan = plan
    this.#used = options.used ?? (() => {})
    if (options.manager) {
      this.#manager = Promise.resolve(options.manager)
      this.#keep(this.#manager)
    }
  }

  /**
   * Makes a service's handle. After the end of the session or the service, each use throws an error with the cause.
   * @throws ClusterError `NO_SUCH_SERVICE`, `SESSION_CLOSED`, `MANAGER_LOST`, `SERVICE_FAILED`
   */
  async handle<S extends ServiceDefinition>(
    name: string,
    definition: Pick<S, 'handle'>,
  ): Promise<Handle<S>> {
    const { status } = this.plan.paths
    assertSession(status)
    const common = this.#common(serviceOf(this.plan, name))
    const { exec, log } = common
    const read = (path: string) => readFileOf(this.plan, name, path)
    const context: HandleContext = { ...serviceContext(this.plan, name), read, exec, log }
    // Checked before it is awaited, too: a `then` of the user may never call back
    const thrower = { service: name, what: 'handle' }
    const given = calling(thrower, () => definition.handle?.(context)) ?? {}
    const settled = Promise.resolve(awaitable(given, name)).catch((error: unknown) => {
      throw threw(thrower, error)
    })
    const made = checkedHandle((await settled) ?? {}, name)
    const handle = Object.defineProperties(
      {},
      { ...Object.getOwnPropertyDescriptors(common), ...Object.getOwnPropertyDescriptors(made) },
    )
    return new Proxy(handle, {
      get: (target, key, receiver) => {
        // Every await looks up `then`. The common properties work for a dead service, too: its log shows the cause
        if (key !== 'then') {
          assertSession(status)
          this.#used(name)
        }
        if (typeof key === 'string' && !Object.hasOwn(common, key) && key !== 'then')
          assertService(status, name)
        return Reflect.get(target, key, receiver)
      },
    }) as Handle<S>
  }

  /** Makes a host's handle, with those of its services. @throws as {@link handle} */
  async host(name: string, definitions: Services): Promise<HostHandle> {
    const { plan } = this
    assertSession(plan.paths.status)
    const { restartHost, startHost, stopHost } = await import('./host.ts')
    const { address, services } = hostOfPlan(plan, name)
    const handles = services.map(async (service) => {
      const own = serviceOnHost(name, '')
      const short = service.startsWith(own) ? service.slice(own.length) : service
      return [short, await this.handle(service, definitions[service] ?? {})] as const
    })
    return {
      ...Object.fromEntries(await Promise.all(handles)),
      ...{ name, address },
      exec: (argv, options) => this.exec(name, argv, options),
      stop: explained(plan, async (options) => {
        await stopHost(plan, name, await this.#connected(), { options, call: 'stop()' })
      }),
      start: explained(plan, async () => {
        await startHost(plan, name, await this.#connected())
      }),
      restart: explained(plan, async () => {
        await restartHost(plan, name, await this.#connected())
      }),
    }
  }

  /** Runs a program in the tree of a service or host. @throws ClusterError `EXEC_FAILED` */
  exec<E extends ExecEncoding>(
    name: string,
    argv: readonly string[],
    options?: ExecOptions<E>,
    onStart?: Started,
  ): Promise<ExecResult<E>> {
    holdErrors(options)
    return explained(this.plan, async () => {
      const runs = programsOf(this.plan, name)
      return execInTree(await this.#connected(), this.plan, runs, argv, options, onStart)
    })()
  }

  /** Starts a program in a service's tree; resolves with its process number in the tree. @throws ClusterError `EXEC_FAILED` */
  detach(name: string, argv: readonly string[], options: DetachOptions): Promise<number> {
    return explained(this.plan, async () => {
      const { detachInTree } = await import('../exec/detach.ts')
      const service = serviceOf(this.plan, name)
      return detachInTree(await this.#connected(), this.plan, service, argv, options)
    })()
  }

  /** Closes the connection to the manager, if there is one. The session stays up. */
  async disconnect(): Promise<void> {
    const manager = await this.#manager?.catch(() => undefined)
    manager?.disconnect()
  }

  #common(service: ServicePlan): CommonHandle {
    const { name, kind, unit, log } = service
    return {
      name,
      kind,
      unit: unit.name,
      log: new ServiceLog(name, log, {
        catchUp: () => catchUp(this.plan, [name], () => this.#connected()),
        failure: (signal) => failureOf(this.plan.paths.status, name, signal),
      }),
      // Loaded when first needed: few tests stop or start anything
      restart: explained(this.plan, async () => {
        const { restartService } = await import('./change.ts')
        await restartService(this.plan, name, await this.#connected())
      }),
      stop: explained(this.plan, async (options) => {
        const { stopService } = await import('./change.ts')
        await stopService(this.plan, name, await this.#connected(), { options, call: 'stop()' })
      }),
      start: explained(this.plan, async () => {
        const { startService } = await import('./change.ts')
        await startService(this.plan, name, await this.#connected())
      }),
      kill: explained(this.plan, async (signal = 'SIGKILL', options) => {
        const { killService } = await import('./kill.ts')
        const call = `kill('${signal}')`
        await killService(this.plan, name, await this.#connected(), { signal, options, call })
      }),
      exec: (argv, options) => this.exec(name, argv, options),
    }
  }

  #connected(): Promise<Manager> {
    if (!this.#manager) {
      this.#manager = reachManager(this.plan)
      this.#keep(this.#manager)
    }
    return this.#manager
  }

  /** Keeps a connection until it is lost; the next use connects again. */
  #keep(connecting: Promise<Manager>): void {
    const forget = () => {
      if (this.#manager === connecting) this.#manager = undefined
    }
    connecting.then(({ bus }) => {
      bus.unref()
      void bus.ended.then(forget)
    }, forget)
  }
}
