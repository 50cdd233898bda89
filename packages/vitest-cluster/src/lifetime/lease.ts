import { join } from 'node:path'
import { ClusterError } from '../errors.ts'
import { libexec } from '../libexec.ts'
import { sliceName, unitName } from '../plan/names.ts'
import { cgroupMount } from '../systemd/cgroup.ts'
import type { Manager, TransientOptions } from '../systemd/manager.ts'
import type { UnitSettings } from '../systemd/settings.ts'
import type { Keeper, NewSession } from './keeper.ts'

/** The unit that ends with the run, under the user's own manager. No service can have a name that begins with `_`. */
function leaseUnit(id: string): string {
  return unitName(id, '_lease')
}

function directoryUnit(id: string): string {
  return unitName(id, '_directory')
}

/** Waits until the user's own manager has ended a session's units. */
export async function leaseEnded(manager: Manager, id: string): Promise<void> {
  await Promise.all([leaseUnit(id), directoryUnit(id)].map((unit) => manager.stop(unit)))
}

/**
 * Starts the units that end a session under the user's own manager, even if the keeper is killed together with the run (by
 * a CI agent that kills the job's control group). A unit reads the lease, too, and the slice is bound to this unit by
 * `BindsTo=` with `After=`. With `PartOf=` or `Requires=` the services would survive (docs/teardown.md).
 */
export async function leaseUnits(manager: Manager, { id, paths }: NewSession): Promise<void> {
  const lease = leaseUnit(id)
  const directory = directoryUnit(id)
  const slice = sliceName(id)
  const bound: UnitSettings = { BindsTo: [lease], CollectMode: 'inactive-or-failed' }
  await startOwnUnit(manager, lease, {
    Description: `Lease of vitest-cluster session ${id}`,
    Type: 'exec',
    ExecStart: ['/bin/sh', libexec('lease.sh'), paths.lease],
    // Kill, without a stop signal: files that services could save are removed with the session
    ExecStopPost: ['/bin/sh', libexec('kill-slice.sh'), slice],
    TimeoutStartSec: 5_000,
    CollectMode: 'inactive-or-failed',
  })
  await startOwnUnit(manager, directory, {
    Description: `Directory of vitest-cluster session ${id}`,
    Type: 'oneshot',
    RemainAfterExit: true,
    ExecStart: ['/bin/true'],
    ExecStop: ['/bin/sh', libexec('remove-session.sh'), paths.directory],
    After: [lease],
    ...bound,
  })
  await startOwnUnit(manager, slice, {
    Description: `vitest-cluster session ${id}`,
    After: [lease, directory],
    ...bound,
  })
}

/** Tells the keeper which control group to kill first if the user's own manager no longer answers. */
export async function tellSlice(manager: Manager, keeper: Keeper): Promise<void> {
  const [mount, group] = await Promise.all([
    cgroupMount(),
    manager.controlGroup(sliceName(keeper.id)),
  ])
  if (group) keeper.knowSlice(join(mount, group))
}

/** Starts a unit that the session itself needs. @throws ClusterError `NO_MANAGER` */
export async function startOwnUnit(
  manager: Manager,
  unit: string,
  settings: UnitSettings,
  options?: TransientOptions,
): Promise<void> {
  const result = await manager.startTransient(unit, settings, options)
  if (result === 'done') return
  throw new ClusterError({
    code: 'NO_MANAGER',
    unit,
    message: `your systemd cannot run a unit of the session: the job ended with '${result}'`,
    fix: `systemctl --user status ${unit}`,
  })
}
