import { endedWords } from '../session/ending.ts'
import { mainProcess } from '../session/processes.ts'
import type { SessionRecord } from '../session/record.ts'
import { Manager } from '../systemd/manager.ts'

/** The state of a service now, as systemd reports it. */
export interface ServiceStatus {
  readonly service: string
  readonly kind: string
  readonly unit: string
  /** ActiveState= of the unit; `inactive` also for a unit that systemd has unloaded. */
  readonly state: string
  /** SubState= of the unit, such as `running`, or `exited` for a job that has ended. */
  readonly subState: string
  /** How often systemd has restarted it by itself (`Restart=`) since another start. */
  readonly restarts: number
  /** How it ended, if it is not up and its unit is still loaded. */
  readonly ended?: string | undefined
  readonly pid?: number | undefined
  /** Milliseconds since 1970 when it became ready. */
  readonly since?: number | undefined
  /** The address that it listens on. */
  readonly address: string
  readonly ports: Readonly<Record<string, number>>
}

/** Asks a session's manager about each of its services. @throws ClusterError `BUS_LOST` */
export async function serviceStatus({ plan }: SessionRecord): Promise<ServiceStatus[]> {
  const manager = await Manager.connect(plan.manager.address)
  try {
    return await Promise.all(
      Object.entries(plan.services).map(
        async ([
          service,
          {
            unit: { name: unit },
            kind,
            address,
            ports,
          },
        ]) => {
          const [state, unitProperties, pid] = await Promise.all([
            manager.state(unit),
            manager.properties(unit, 'Unit', ['ActiveEnterTimestamp']),
            mainProcess(manager, plan, unit),
          ])
          const known = {
            ...{ service, kind, unit, address, ports, restarts: state?.restarts ?? 0 },
            state: state?.activeState ?? 'inactive',
            subState: state?.subState ?? 'dead',
          }
          if (known.state !== 'active')
            return { ...known, ended: endedWords(plan.paths.status, service, state) }
          const since = Number(unitProperties?.['ActiveEnterTimestamp'] ?? 0) / 1000
          return { ...known, since, pid }
        },
      ),
    )
  } finally {
    manager.disconnect()
  }
}
