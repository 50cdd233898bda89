import { constants } from 'node:os'
import { ClusterError } from '../errors.ts'
import { STOP_TIMEOUT } from '../plan/sandbox.ts'
import type { Manager } from '../systemd/manager.ts'
import type { UnitSettings } from '../systemd/settings.ts'
import type { UnitState } from '../systemd/unit-state.ts'
import { wait } from '../timers.ts'

/** How a program has ended. */
export interface ProgramEnd {
  /** The exit status; 128 + the signal's number if a signal ended it. */
  readonly code: number
  readonly timedOut: boolean
  /** Set if systemd could not start it: the unit's `Result=`, such as `resources`. */
  readonly notStarted?: string
}

/** A program that runs as a unit. The unit stays loaded until {@link Program.forget}. */
export class Program {
  readonly #manager: Manager
  readonly #unit: string
  #stopped = false

  constructor(manager: Manager, unit: string) {
    this.#manager = manager
    this.#unit = unit
  }

  /** Resolves when the program has been executed, and has its input and outputs, or when that failed. */
  async start(settings: UnitSettings): Promise<void> {
    await this.#manager.startTransient(this.#unit, settings, { reference: true })
  }

  /** Resolves when the program has ended. */
  async end(): Promise<ProgramEnd> {
    await this.#manager.untilEnded(this.#unit)
    const state = await this.#manager.state(this.#unit)
    const timedOut = state?.result === 'timeout' && !this.#stopped
    return { ...endOf(state), timedOut }
  }

  /** How a program has ended that has just been started; undefined if it runs. */
  async ended(): Promise<ProgramEnd | undefined> {
    const state = await this.#manager.state(this.#unit)
    if (state && !['inactive', 'failed'].includes(state.activeState)) return undefined
    return { ...endOf(state), timedOut: false }
  }

  /** The number of its process in the manager's namespace. */
  async pid(): Promise<number> {
    const main = await this.#manager.properties(this.#unit, 'Service', ['ExecMainPID'])
    return Number(main?.['ExecMainPID'])
  }

  /** Ends it by SIGTERM, and 2 s later by SIGKILL. */
  async stop(): Promise<void> {
    this.#stopped = true
    await this.#manager.stop(this.#unit)
  }

  /** Sends a signal to all its processes, and ends it if it has not ended 2 s later. */
  async signal(signal: NodeJS.Signals): Promise<void> {
    this.#stopped = true
    const sent = this.#manager.kill(this.#unit, 'all', constants.signals[signal])
    // It may have ended, or may not have been started yet
    if (await sent.then(() => true, refused)) await wait(STOP_TIMEOUT, undefined, { ref: false })
    await this.stop()
  }

  async forget(): Promise<void> {
    await this.#manager.unref(this.#unit)
  }
}

function endOf(state: UnitState | undefined): Omit<ProgramEnd, 'timedOut'> {
  const { execMainCode = 1, execMainStatus = 0, result = 'success' } = state ?? {}
  // Without a process there is no exit status
  if (execMainCode === 0 && !['success', 'timeout'].includes(result))
    return { code: 255, notStarted: result }
  return { code: execMainCode <= 1 ? execMainStatus : 128 + execMainStatus }
}

function refused(error: unknown): false {
  if (error instanceof ClusterError && error.code === 'CALL_FAILED') return false
  throw error
}
