import { unitText } from '../systemd/settings.ts'
import { serviceDirectory } from './context.ts'
import { type PlannedFile, type SessionPlan, serviceOf, type UnitPlan } from './session-plan.ts'

/** The units before all services: owners, and roots. */
export function firstUnits({ ownRoots, ownership }: SessionPlan): UnitPlan[] {
  return [ownRoots, ownership].filter((unit) => unit !== undefined)
}

/** The units of some services of a plan, and those that belong to no service. */
export function unitsOf(plan: SessionPlan, names: readonly string[]): UnitPlan[] {
  return [...firstUnits(plan), ...names.flatMap((name) => unitsOfService(plan, name))]
}

function unitsOfService(plan: SessionPlan, name: string): UnitPlan[] {
  const { helpers = [], unit } = serviceOf(plan, name)
  return [...helpers, unit]
}

/**
 * A plan as files of one directory: the units, and below `files/` the services' files by their paths in the tree. Only the
 * caller may read them, because they contain secrets; executable files stay executable. Pure.
 * @throws ClusterError `INVALID_DEFINITION` for a value that a unit file cannot express
 */
export function planFiles(
  plan: SessionPlan,
  names: readonly string[],
): Readonly<Record<string, PlannedFile>> {
  const units = unitsOf(plan, names).map(
    ({ name, settings }) => [name, { content: unitText(settings), mode: 0o600 }] as const,
  )
  const files = names.flatMap((name) =>
    Object.entries(serviceOf(plan, name).files).map(
      ([path, { content, mode }]) =>
        [
          `files${serviceDirectory(name)}/${path}`,
          { content, mode: mode & 0o111 ? 0o700 : 0o600 },
        ] as const,
    ),
  )
  return Object.fromEntries([...units, ...files])
}
