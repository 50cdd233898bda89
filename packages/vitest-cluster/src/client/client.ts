import { awaitable, checkedHandle } from '../definition/check-results.ts'
import type { Exec } from '../definition/exec.ts'
import type { HandleContext, HandleOf, ServiceDefinition } from '../definition/service.ts'
import { calling, threw } from '../definition/thrown.ts'
import { execInTree } from '../exec/exec.ts'
import { holdErrors } from '../exec/input.ts'
import { ServiceLog } from '../logs/service-log.ts'
import { readFileOf, serviceContext } from '../plan/context.ts'
import { type ServicePlan, type SessionPlan, serviceOf } from '../plan/session-plan.ts'
import { assertService, assertSession } from '../session/health.ts'
import { reachManager } from '../session/reach.ts'
import type { Manager } from '../systemd/manager.ts'
import { explained } from './explained.ts'

/** What every service's handle has. */
export interface CommonHandle {
  /** The service's name in the cluster; also a host name in the tree. */
  readonly name: string
  readonly kind: string
  /** The systemd unit. */
  readonly unit: string
  readonly log: ServiceLog
  /** Restarts this service alone, on the same ports and data; resolves when it is ready again. */
  restart(): Promise<void>
  /** Runs a program in the service's tree. @throws ClusterError `EXEC_FAILED` */
  readonly exec: Exec
}

/** A service's handle: its own part before the common one. */
export type Handle<S> = HandleOf<S> & Omit<CommonHandle, keyof HandleOf<S>>

/** Uses a session from any process of the same user: makes handles, and talks to the manager when one asks. */
export class SessionClient {
  readonly plan: SessionPlan
  readonly #used: (service: string) => void
  #manager: Promise<Manager> | undefined

  constructor(
    plan: SessionPlan,
    options: {
      readonly manager?: Manager
      /** Told of each use of a handle. */
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
   * Makes a service's handle. Each use of it afterwards throws what the session or the service died of.
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
    // Checked before it is awaited, too: a `then` of the user's may never call back
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
        // `then` is looked up by every await; log, restart and exec are how one looks into a dead service
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

  /** Ends the connection to the manager, if there is one. The session stays up. */
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
      log: new ServiceLog(name, log),
      restart: explained(this.plan, async () => {
        // Loaded when first needed: few tests restart anything
        const { restartService } = await import('./change.ts')
        await restartService(this.plan, name, await this.#connected())
      }),
      exec: (argv, options) => {
        holdErrors(options)
        return explained(this.plan, async () =>
          execInTree(await this.#connected(), this.plan, service, argv, options),
        )()
      },
    }
  }

  #connected(): Promise<Manager> {
    if (!this.#manager) {
      this.#manager = reachManager(this.plan)
      this.#keep(this.#manager)
    }
    return this.#manager
  }

  /** Uses a connection until it is lost; then the next use connects again. */
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
