import { ClusterError } from '../errors.ts'
import type { Microseconds } from '../timers.ts'
import type { Bus } from './bus.ts'
import { type UnitFile, unitFile } from './unit-file.ts'

export const NAME = 'org.freedesktop.systemd1'
export const PATH = '/org/freedesktop/systemd1'

/** The state of a unit, as the manager reports it. */
export interface UnitState {
  readonly activeState: string
  /** SubState= of a service: `running`, `exited`, `auto-restart`. */
  readonly subState: string
  readonly result: string
  /** How often the manager has restarted it by itself (`Restart=`), since it was started otherwise. */
  readonly restarts: number
  /** The main process's exit status, or the number of the signal that killed it, see `execMainCode`. */
  readonly execMainStatus: number
  /** CLD_EXITED 1, CLD_KILLED 2, CLD_DUMPED 3 (waitid(2)); 0 while it runs or never ran. */
  readonly execMainCode: number
  /** When the main process was started, and when it ended; 0 if it never was or did. */
  readonly begun: Microseconds
  readonly exited: Microseconds
  /** The unit has no main process: the code and status are those of its first process (Type=forking). */
  readonly noMain: boolean
  /** Whether it has been active since its program was started. */
  readonly wasActive: boolean
  /** Whether the manager stopped it: it was no longer active when its program ended. */
  readonly stopped: boolean
  /** Whether the script that waits until the service is ready (`ExecStartPost=`) failed. */
  readonly readyFailed: boolean
}

/** Whether a unit has ended, or was never started. */
export function isDown({ activeState }: UnitState): boolean {
  return activeState === 'inactive' || activeState === 'failed'
}

/** Whether a unit has ended and the manager is about to restart it (`Restart=`). */
export function awaitsRestart(state: UnitState | undefined): boolean {
  // `auto-restart-queued` since 254
  return state?.subState.startsWith('auto-restart') ?? false
}

const CLD_EXITED = 1

/** How a process of an `Exec…=` line ended: the last two fields of `a(sasbttttuii)`, org.freedesktop.systemd1(5). */
function endOf(lines: unknown): { readonly code: number; readonly status: number } {
  const [code = 0, status = 0] = (lines as readonly (readonly unknown[])[]).at(-1)?.slice(-2) ?? []
  return { code: Number(code), status: Number(status) }
}

/** Reads the state of units from a service manager. For a unit that is not loaded all results are undefined. */
export class UnitReader {
  readonly bus: Bus

  constructor(bus: Bus) {
    this.bus = bus
  }

  /** The object path of a loaded unit. */
  async unitPath(unit: string): Promise<string | undefined> {
    try {
      const [path] = await this.call('GetUnit', 's', [unit])
      return String(path)
    } catch (error) {
      if (isDbusError(error, 'NoSuchUnit')) return undefined
      throw error
    }
  }

  /** Properties of a loaded unit by their names in org.freedesktop.systemd1(5). */
  async properties(
    unit: string,
    kind: 'Unit' | 'Service' | 'Slice',
    names: readonly string[],
  ): Promise<Record<string, unknown> | undefined> {
    const path = await this.unitPath(unit)
    if (!path) return undefined
    const entries = names.map(
      async (name) => [name, await this.property(path, `${NAME}.${kind}`, name)] as const,
    )
    return Object.fromEntries(await Promise.all(entries))
  }

  /** The state of a loaded service. */
  async state(unit: string): Promise<UnitState | undefined> {
    const path = await this.unitPath(unit)
    if (!path) return undefined
    const get = (kind: string, name: string) => this.property(path, `${NAME}.${kind}`, name)
    const [
      activeState,
      subState,
      left,
      result,
      restarts,
      status,
      code,
      begun,
      exited,
      start,
      post,
      notify,
    ] = await Promise.all([
      get('Unit', 'ActiveState'),
      get('Unit', 'SubState'),
      get('Unit', 'ActiveExitTimestampMonotonic'),
      get('Service', 'Result'),
      get('Service', 'NRestarts'),
      get('Service', 'ExecMainStatus'),
      get('Service', 'ExecMainCode'),
      get('Service', 'ExecMainStartTimestampMonotonic'),
      get('Service', 'ExecMainExitTimestampMonotonic'),
      get('Service', 'ExecStart'),
      get('Service', 'ExecStartPost'),
      get('Service', 'NotifyAccess'),
    ])
    const first = endOf(start)
    const noMain = Number(code) === 0 && first.code !== 0
    const main = noMain ? first : { code: Number(code), status: Number(status) }
    // The times of an earlier run remain until the unit is active again
    const wasActive = Number(left) > 0 && Number(left) >= Number(begun)
    const { code: postCode, status: postStatus } = endOf(post)
    return {
      activeState: String(activeState),
      subState: String(subState),
      result: String(result),
      restarts: Number(restarts),
      execMainStatus: main.status,
      execMainCode: main.code,
      begun: Number(begun),
      exited: Number(exited),
      noMain,
      wasActive,
      // A program that may notify can send STOPPING=1 before it ends without being stopped (sd_notify(3))
      stopped:
        wasActive &&
        !noMain &&
        Number(left) < Number(exited) &&
        (main.code !== CLD_EXITED || notify === 'none'),
      readyFailed: postCode !== 0 && postStatus !== 0,
    }
  }

  /** The control group of a loaded service or slice, relative to the root that the manager sees; '' for none. */
  async controlGroup(unit: string): Promise<string> {
    const kind = unit.endsWith('.slice') ? 'Slice' : 'Service'
    const found = await this.properties(unit, kind, ['ControlGroup'])
    return String(found?.['ControlGroup'] ?? '')
  }

  /** The file of a loaded unit, if it can be read. @param managerPid the manager's pid in this process's namespace */
  async unitFile(unit: string, managerPid: number): Promise<UnitFile | undefined> {
    const found = await this.properties(unit, 'Unit', ['FragmentPath'])
    const path = found?.['FragmentPath']
    return path ? unitFile(String(path), managerPid) : undefined
  }

  /** A property of an object, such as the manager's own. */
  protected async property(
    path: string,
    interfaceName: string,
    name: string,
    deadline?: number,
  ): Promise<unknown> {
    const get = { interface: 'org.freedesktop.DBus.Properties', member: 'Get', signature: 'ss' }
    const body = [interfaceName, name]
    const [value] = await this.bus.call({ destination: NAME, path, ...get, body }, deadline)
    return value
  }

  /** Calls a method of the manager (org.freedesktop.systemd1(5), "The Manager Object"). */
  protected call(
    member: string,
    signature = '',
    body: readonly unknown[] = [],
  ): Promise<readonly unknown[]> {
    const interfaceName = `${NAME}.Manager`
    return this.bus.call({
      ...{ destination: NAME, path: PATH, interface: interfaceName },
      ...{ member, signature, body },
    })
  }
}

/** Whether systemd refused with this error of org.freedesktop.systemd1(5), `UnitExists` for one. */
export function isDbusError(error: unknown, name: string): boolean {
  if (!(error instanceof ClusterError) || error.code !== 'CALL_FAILED') return false
  return (error.cause as { type?: string } | undefined)?.type === `${NAME}.${name}`
}
