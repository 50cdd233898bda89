import { ClusterError } from '../errors.ts'
import type { Bus } from './bus.ts'
import { type UnitFile, unitFile } from './unit-file.ts'

export const NAME = 'org.freedesktop.systemd1'
export const PATH = '/org/freedesktop/systemd1'

/** A unit as the manager tells about it. */
export interface UnitState {
  readonly activeState: string
  readonly result: string
  /** The main process's exit status, or the signal's number where `execMainCode` says so. */
  readonly execMainStatus: number
  /** CLD_EXITED 1, CLD_KILLED 2, CLD_DUMPED 3 (waitid(2)); 0 while it runs or never ran. */
  readonly execMainCode: number
}

/** What a service manager says of its units, over its bus. A unit that is not loaded is undefined in every answer. */
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
    const [activeState, result, status, code] = await Promise.all([
      get('Unit', 'ActiveState'),
      get('Service', 'Result'),
      get('Service', 'ExecMainStatus'),
      get('Service', 'ExecMainCode'),
    ])
    return {
      activeState: String(activeState),
      result: String(result),
      execMainStatus: Number(status),
      execMainCode: Number(code),
    }
  }

  /** The control group of a loaded service or slice, from the root of those that the manager sees; '' for none. */
  async controlGroup(unit: string): Promise<string> {
    const kind = unit.endsWith('.slice') ? 'Slice' : 'Service'
    const found = await this.properties(unit, kind, ['ControlGroup'])
    return String(found?.['ControlGroup'] ?? '')
  }

  /** The file of a loaded unit, where it can be seen. @param managerPid the manager, as this process numbers it */
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
