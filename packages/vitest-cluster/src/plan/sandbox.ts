import { confine } from '../isolation/confine.ts'
import { own } from '../own.ts'
import { SESSION } from '../root/accounts.ts'
import type { UnitSettings } from '../systemd/settings.ts'
import { environmentOf, unitVariables } from './environment.ts'
import { sliceName } from './names.ts'
import { rootOf, type SessionGround } from './session-plan.ts'

export const STOP_TIMEOUT = 2_000

/** What a service and the programs that run beside it have in common. */
export interface Sandboxed {
  readonly service: string
  readonly user?: string | undefined
  readonly group?: string | undefined
  readonly env?: Readonly<Record<string, string>> | undefined
  readonly cwd?: string | undefined
}

export function sandbox(
  ground: SessionGround,
  { service, user = SESSION, group, env, cwd = `/srv/${service}` }: Sandboxed,
): UnitSettings {
  const { id, manager } = ground
  const environment = unitVariables(environmentOf(service, env))
  return {
    Slice: sliceName(id),
    // Unloads units that have ended, also failed ones. A reference keeps them loaded while the run may ask how they ended
    CollectMode: 'inactive-or-failed',
    ...confine({ ...ground, root: rootOf(ground, service) }, user, group),
    WorkingDirectory: cwd,
    Environment: environment,
    UnsetEnvironment: manager.hidden.filter((key) => !Object.hasOwn(environment, key)),
    UMask: 0o022,
  }
}

/** A bare program name becomes the tree's absolute path: systemd would look it up on the host. */
export function resolve(
  argv: readonly string[],
  service: string,
  ground: SessionGround,
): readonly string[] {
  const { programs } = rootOf(ground, service)
  const [program = '', ...rest] = argv
  return [own(programs, program) ?? program, ...rest]
}

export function denied(calls: readonly string[] | undefined): UnitSettings {
  return calls?.length ? { SystemCallFilter: { deny: calls } } : {}
}
