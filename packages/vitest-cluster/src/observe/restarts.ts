import { saysWhy } from '../errors.ts'
import { tail } from '../logs/service-log.ts'
import type { SessionPlan } from '../plan/session-plan.ts'
import { askedOf, type Down } from '../session/health.ts'
import type { UnitState } from '../systemd/unit-state.ts'
import type { Microseconds } from '../timers.ts'
import { readWindows } from './test-windows.ts'
import { during, type UnexpectedEnd } from './unexpected-ends.ts'

interface Restarted {
  /** `NRestarts=` of the unit: 0 again after a start of a test. */
  counted: number
  /** The ends that are known since that start, and when the last one was. */
  ends: number
  exited: Microseconds
  /** The restarts since the last report that no test asked for. */
  unasked: number
  last?: { readonly down: Down; readonly at: Microseconds } | undefined
}

/** The restarts by systemd itself (`Restart=`) that no test has asked for, such as by `kill()`. */
export class RestartWatch {
  readonly #services = new Map<string, Restarted>()

  /** Called with the state after each change of a service, before the change is noted elsewhere. */
  changed({ paths: { status } }: SessionPlan, name: string, state: UnitState | undefined): void {
    const known = this.#of(name)
    const counted = state?.restarts ?? 0
    if (counted < known.counted) known.ends = 0
    known.counted = counted
    // The service may have been up again before the signal of its end was read
    if (state?.activeState !== 'active' || counted <= known.ends) return
    if (!askedOf(status, name)) known.unasked += counted - known.ends
    known.ends = counted
  }

  /**
   * Called when a service has ended and systemd is about to restart it.
   * @returns whether this end is a new one: systemd reports it several times
   */
  ended(service: string, { exited }: UnitState, down: Down): boolean {
    const known = this.#of(service)
    if (known.exited === exited) return false
    Object.assign(known, { exited, ends: known.ends + 1 })
    if (!down.asked) {
      known.unasked++
      known.last = { down, at: exited }
    }
    return true
  }

  /** The restarts since the last call. They do not fail the run. */
  async take({ services, paths }: SessionPlan): Promise<UnexpectedEnd[]> {
    const windows = readWindows(paths.directory)
    const all = Object.values(services).map(async ({ name, unit, log: path }) => {
      const known = this.#of(name)
      const { unasked, last } = known
      if (unasked === 0) return undefined
      Object.assign(known, { unasked: 0, last: undefined })
      const times = unasked === 1 ? 'once' : `${unasked} times`
      const message = `systemd restarted it ${times} (Restart=${unit.settings.Restart})`
      const how = last && `; how it ended: ${last.down.message.replace(/^is down: /, '')}`
      const log = last?.down.log ?? (await tail(path))
      const details = {
        ...{ code: 'SERVICE_FAILED' as const, service: name, unit: unit.name, log },
        message: `${message}${how ?? ''}${last ? during(windows, last.at) : ''}`,
        fix: `${saysWhy(log)}. The run does not fail because of it: its unit has a restart policy.`,
      }
      return { service: name, message, failed: false, details }
    })
    return (await Promise.all(all)).filter((each) => each !== undefined)
  }

  #of(service: string): Restarted {
    const known = this.#services.get(service) ?? { counted: 0, ends: 0, exited: 0, unasked: 0 }
    this.#services.set(service, known)
    return known
  }
}
