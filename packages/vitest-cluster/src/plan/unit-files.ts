import { unitText } from '../systemd/settings.ts'
import { serviceDirectory } from './context.ts'
import { type PlannedFile, type SessionPlan, serviceOf, type UnitPlan } from './session-plan.ts'

/** The units of some services of a plan, and those that belong to no service. */
export function unitsOf({ ownership, ...plan }: SessionPlan, names: readonly string[]): UnitPlan[] {
  return [...(ownership ? [ownership] : []), ...names.map((name) => serviceOf(plan, name).unit)]
}

/**
 * A plan as files below one directory: units in it, and below `files/` what stands in the tree, by its path there. Files
 * are the caller's alone, for there are secrets in them; programs stay programs. Pure.
 * @throws ClusterError `INVALID_DEFINITION` for what no unit file can express
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
