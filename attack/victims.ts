import { entries, text } from '../test/support/proc.ts'
import { SIGNALS } from '../test/support/signals.ts'

/** The run and the sessions whose processes are searched. */
export interface Prey {
  /** The run, which leads a process group. */
  readonly run: number
  readonly ids: ReadonlySet<string>
  /** A number from 0 to 1 that chooses one of several. */
  readonly choice: number
}

interface Victim {
  readonly signals: readonly NodeJS.Signals[]
  /** The pids that get the signal, as for kill(2); empty as long as the victim does not exist. */
  find(prey: Prey): readonly number[]
  /** Whether the signal is to end the run. If not, the run has to end by itself. */
  readonly endsRun?: true
  /** The run gets the same signal a little later. */
  readonly thenRun?: true
  /** Only for sessions with a private manager. */
  readonly ofPrivateManager?: true
}

const FOUR = Object.keys(SIGNALS) as NodeJS.Signals[]

/** The victims of attacks. */
export const VICTIMS = {
  run: { signals: FOUR, find: ({ run }) => [run], endsRun: true },
  group: { signals: FOUR, find: ({ run }) => [-run], endsRun: true },
  'run and keeper': {
    signals: ['SIGKILL'],
    find: (prey) => withOthers(prey.run, keepers(prey)),
    endsRun: true,
  },
  'keeper, then run': { signals: ['SIGKILL'], find: keepers, endsRun: true, thenRun: true },
  manager: { signals: ['SIGKILL', 'SIGSTOP'], find: manager, ofPrivateManager: true },
  bus: {
    signals: ['SIGKILL', 'SIGSTOP'],
    find: (prey) => named(prey, 'dbus-daemon', 'dbus-broker'),
    ofPrivateManager: true,
  },
  service: { signals: ['SIGKILL'], find: service },
} as const satisfies Record<string, Victim>

export type VictimName = keyof typeof VICTIMS

/** The same with all properties of a victim. */
export function victimOf(name: VictimName): Victim {
  return VICTIMS[name]
}

interface Process {
  readonly pid: number
  readonly group: string
  readonly arguments: string
  readonly name: string
}

/** Processes that have a session's id in their control group or arguments. */
function processesOf({ ids }: Prey): { inside: Process[]; outside: Process[] } {
  const all = entries('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => ({
      pid: Number(name),
      group: text(`/proc/${name}/cgroup`).match(/^0::(.*)$/m)?.[1] ?? '',
      arguments: text(`/proc/${name}/cmdline`).replaceAll('\0', ' '),
      name: text(`/proc/${name}/comm`).trim(),
    }))
    .sort((a, b) => a.pid - b.pid)
  const names = [...ids]
  const inside = all.filter(({ group }) => names.some((id) => group.includes(id)))
  const outside = all.filter(
    (process) => !inside.includes(process) && names.some((id) => process.arguments.includes(id)),
  )
  return { inside, outside }
}

function keepers(prey: Prey): number[] {
  const { outside } = processesOf(prey)
  return outside.filter((process) => process.arguments.includes('keeper')).map(({ pid }) => pid)
}

function withOthers(pid: number, others: readonly number[]): number[] {
  return others.length === 0 ? [] : [pid, ...others]
}

/** The first process of its name: children of systemd also have the name until they execute their program. */
function manager(prey: Prey): number[] {
  return named(prey, 'systemd')
}

function named(prey: Prey, ...names: readonly string[]): number[] {
  const found = processesOf(prey).inside.find(({ name }) => names.includes(name))
  return found ? [found.pid] : []
}

/** The main process of one of the session's services: the first in its control group. */
function service(prey: Prey): number[] {
  const units = new Map<string, number>()
  for (const { group, pid } of processesOf(prey).inside) {
    const unit = group.match(/\/(vitest-cluster-[0-9a-f]{8}-[^_/][^/]*\.service)/)?.[1]
    if (unit && !units.has(unit)) units.set(unit, pid)
  }
  const pids = [...units.values()]
  return pids.slice(Math.floor(prey.choice * pids.length)).slice(0, 1)
}
