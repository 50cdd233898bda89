import { readFile } from 'node:fs/promises'
import type { Manager } from '../systemd/manager.ts'
import { unitFile } from '../systemd/unit-file.ts'
import type { About } from '../session/record.ts'
import { ended } from '../apply/failure.ts'
import { readWindows, type TestWindow } from './test-windows.ts'
import { type LogEnd, readEnd } from '../logs/end.ts'
import type { Phase } from './phases.ts'
import { managerProcess, unitGroup } from './processes.ts'
import { type StartTimes, startTimes } from './start-times.ts'

/** What a service has used, by its control group (cgroups(7)); undefined where the machine does not account for it. */
export interface Resources {
  /** Microseconds of processor time. */
  readonly cpu?: number | undefined
  /** Bytes. */
  readonly memoryPeak?: number | undefined
  readonly read?: number | undefined
  readonly written?: number | undefined
}

export interface ServiceRecord {
  readonly name: string
  readonly kind: string
  readonly unit: string
  readonly dependsOn: readonly string[]
  readonly ports: Readonly<Record<string, number>>
  /** ActiveState=, and how it ended where it is not up. */
  readonly state: string
  readonly ended?: string | undefined
  /** The unit as systemd has it, systemd.unit(5); empty where it was forgotten. */
  readonly unitFile: string
  readonly resources: Resources
  readonly log: LogEnd
}

/** All that is known of a session at one moment. Plain data. */
export interface SessionRecord {
  readonly id: string
  readonly config?: string | undefined
  /** Milliseconds since 1970. */
  readonly opened: number
  readonly recorded: number
  /** When it began to open: microseconds, as all other times. */
  readonly begun: number
  readonly phases: readonly Phase[]
  readonly times: readonly StartTimes[]
  readonly services: readonly ServiceRecord[]
  readonly windows: readonly TestWindow[]
}

/** Looks at a session that is up. @throws ClusterError `BUS_LOST` */
export async function recordSession(manager: Manager, about: About): Promise<SessionRecord> {
  const { info, config, opened, begun, phases } = about
  const pid = await managerProcess(manager, info)
  const [times, services] = await Promise.all([
    startTimes(manager, info),
    Promise.all(Object.keys(info.units).map((name) => recordService(manager, pid, about, name))),
  ])
  const windows = readWindows(info.directory)
  const recorded = Date.now()
  return {
    id: info.facts.id,
    config,
    opened,
    recorded,
    begun,
    phases,
    times,
    services,
    windows,
  }
}

async function recordService(
  manager: Manager,
  managerPid: number,
  { info }: About,
  name: string,
): Promise<ServiceRecord> {
  const { unit = '', log = '' } = info.units[name] ?? {}
  const { kind = '', dependsOn = [], ports = {} } = info.facts.services[name] ?? {}
  const [state, group, where, end] = await Promise.all([
    manager.state(unit),
    unitGroup(manager, info, unit),
    manager.properties(unit, 'Unit', ['FragmentPath']),
    readEnd(log),
  ])
  const up = state?.activeState === 'active'
  return {
    name,
    kind,
    unit,
    dependsOn,
    ports,
    state: state?.activeState ?? 'inactive',
    ended: state && !up ? ended(state) : undefined,
    unitFile: (await unitFile(String(where?.['FragmentPath'] ?? ''), managerPid))?.text ?? '',
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

/** A group that did no input or output has an empty file: that is 0, not unknown. */
function sumIn(text: string | undefined, pattern: RegExp): number | undefined {
  if (text === undefined) return undefined
  return [...text.matchAll(pattern)].reduce((sum, [, number]) => sum + Number(number), 0)
}
