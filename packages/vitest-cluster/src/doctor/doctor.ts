import type { ClusterDefinition } from '../definition/cluster.ts'
import type { Check } from './check.ts'
import { CGROUPS } from './checks/cgroups.ts'
import { DISK } from './checks/disk.ts'
import { MANAGER } from './checks/manager.ts'
import { NAMESPACES } from './checks/namespaces.ts'
import { PROGRAMS } from './checks/programs.ts'
import { REAPER } from './checks/reaper.ts'
import { nssSystemd, onHostPrograms, serviceChecks } from './checks/services.ts'
import { SYSTEMD } from './checks/systemd.ts'
import { UID_RANGE } from './checks/uid-range.ts'
import { examine } from './examine.ts'
import type { Precondition } from './precondition.ts'
import { probe } from './probe.ts'

/** Options of `doctor()`. */
export interface DoctorOptions {
  /** The environment that the session would be opened in; this process's own by default. */
  readonly env?: NodeJS.ProcessEnv
  /** A cluster whose services' programs are looked for, where they run on those of the host. None by default. */
  readonly definition?: ClusterDefinition
}

/** The checks of every machine, in the order in which they are printed. */
export const MACHINE: readonly Check[] = [
  ...SYSTEMD,
  ...REAPER,
  ...MANAGER,
  ...CGROUPS,
  ...NAMESPACES,
  ...UID_RANGE,
  ...PROGRAMS,
  ...DISK,
]

/** See {@link doctor} in lazy.ts, which callers use. */
export async function doctorNow({ env = process.env, definition }: DoctorOptions) {
  const services = definition?.services
  const [seen, ofServices] = await Promise.all([probe(env, services), serviceChecks(definition)])
  return examine(
    [...MACHINE, nssSystemd(definition && onHostPrograms(definition)), ...ofServices],
    seen,
  ) as Promise<Precondition[]>
}
