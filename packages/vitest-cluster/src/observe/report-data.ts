import { readFile } from 'node:fs/promises'
import { type LogEnd, readEnd } from '../logs/end.ts'
import type { ServicePlan, SessionPlan } from '../plan/session-plan.ts'
import type { Phase } from '../session/phases.ts'
import { managerProcess, unitGroup } from '../session/processes.ts'
import type { SessionRecord } from '../session/record.ts'
import type { Manager } from '../systemd/manager.ts'
import { isDown } from '../systemd/unit-state.ts'
import { type Microseconds, monotonic } from '../timers.ts'
import { type ServiceEnd, serviceEnd } from './service-end.ts'
import { type StartTimes, startTimes } from './start-times.ts'
import { readWindows, type TestWindow } from './test-windows.ts'

/** Resources that a service has used, by its control group (cgroups(7)); undefined where the machine does not count them. */
export interface Resources {
  /** Microseconds of processor time. */
  readonly cpu?: number | undefined
  /** Bytes. */
  readonly memoryPeak?: number | undefined
  readonly read?: number | undefined
  readonly written?: number | undefined
}

export interface ServiceReport {
  readonly name: string
  readonly kind: string
  readonly unit: string
  readonly dependsOn: readonly string[]
  readonly address: string
  readonly ports: Readonly<Record<string, number>>
  /** ActiveState= of the unit; `inactive` also for a unit that systemd has unloaded. */
  readonly state: string
  /** SubState= of the unit, such as `running`, or `exited` for a job that has ended. */
  readonly subState: string
  /** How often systemd has restarted it by itself (`Restart=`) since another start. */
  readonly restarts: number
  /** Of a service that is not up. */
  readonly end?: ServiceEnd | undefined
  /** The unit as systemd has it, systemd.unit(5); empty for a unit that systemd has unloaded. */
  readonly unitFile: string
  readonly resources: Resources
  readonly log: LogEnd
}

/** All that is known of a session at one moment. Plain data. */
export interface SessionReport {
  readonly id: string
  readonly config?: string | undefined
  /** Milliseconds since 1970. */
  readonly opened: number
  readonly recorded: number
  /** The moment of `recorded` in the microseconds of all other times. */
  readonly now: Microseconds
  /** When it began to open: microseconds, as all other times. */
  readonly begun: number
  readonly phases: readonly Phase[]
  readonly times: readonly StartTimes[]
  readonly services: readonly ServiceReport[]
  readonly windows: readonly TestWindow[]
}

/** Collects the report's data from a session that is up. @throws ClusterError `BUS_LOST` */
export async function reportSession(
  manager: Manager,
  record: SessionRecord,
): Promise<SessionReport> {
  const { plan, config, opened, begun, phases } = record
  const pid = await managerProcess(manager, plan)
  const [times, services] = await Promise.all([
    startTimes(manager, plan),
    Promise.all(
      Object.values(plan.services).map((service) => reportService(manager, pid, plan, service)),
    ),
  ])
  const windows = readWindows(plan.paths.directory)
  return {
    id: plan.id,
    config,
    opened,
    recorded: Date.now(),
    now: monotonic(),
    begun,
    phases,
    times,
    services,
    windows,
  }
}

async function reportService(
  manager: Manager,
  managerPid: number,
  plan: SessionPlan,
  service: ServicePlan,
): Promise<ServiceReport> {
  const { name, kind, address, dependsOn, ports, log } = service
  const unit = service.unit.name
  const [state, group, file, end] = await Promise.all([
    manager.state(unit),
    unitGroup(manager, plan.manager.cgroup, unit),
    manager.unitFile(unit, managerPid),
    readEnd(log),
  ])
  const activeState = state?.activeState ?? 'inactive'
  return {
    name,
    kind,
    unit,
    dependsOn,
    address,
    ports,
    state: activeState,
    subState: state?.subState ?? 'dead',
    restarts: state?.restarts ?? 0,
    end: !state || isDown(state) ? await serviceEnd(manager, plan, service, state) : undefined,
    unitFile: file?.text ?? '',
    resources: await resources(group),
    log: end,
  }
}

async function resources(group: string | undefined): Promise<Resources> {
  if (!group) return {}
  const read = (path: string) => readFile(path, 'utf8').catch(() => undefined)
  const [cpu, peak, io] = await Promise.all(
    ['cpu.stat', 'memory.peak', 'io.stat'].map((file) => read(`${group}/${file}`)),
  )
  return {
    cpu: numberIn(cpu, /^usage_usec (\d+)$/m),
    memoryPeak: numberIn(peak, /^(\d+)$/m),
    read: sumIn(io, /rbytes=(\d+)/g),
    written: sumIn(io, /wbytes=(\d+)/g),
  }
}

function numberIn(text: string | undefined, pattern: RegExp): number | undefined {
  const found = text && pattern.exec(text)?.[1]
  return found ? Number(found) : undefined
}

/** A group without any input or output has an empty file: that is 0, not unknown. */
function sumIn(text: string | undefined, pattern: RegExp): number | undefined {
  if (text === undefined) return undefined
  return [...text.matchAll(pattern)].reduce((sum, [, number]) => sum + Number(number), 0)
}
