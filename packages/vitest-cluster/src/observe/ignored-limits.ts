import { access, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ServicePlan, SessionPlan } from '../plan/session-plan.ts'
import { mainProcess, unitGroup } from '../session/processes.ts'
import type { Manager } from '../systemd/manager.ts'

/** Limits of `unit`, each with the cgroup controller that enforces it. */
const CONTROLLERS = { MemoryMax: 'memory', TasksMax: 'pids' } as const

/** A limit that a service asks for and this machine ignores. systemd does not report it. */
export interface IgnoredLimit {
  readonly setting: 'MemoryMax' | 'TasksMax' | 'LimitNOFILE' | 'SystemCallDeny'
  readonly reason: string
  readonly services: readonly string[]
}

/** The limits of a session's services that the kernel does not enforce. */
export async function ignoredLimits(manager: Manager, plan: SessionPlan): Promise<IgnoredLimit[]> {
  const services = Object.values(plan.services)
  const found = await Promise.all(
    services.map(async (service) =>
      [
        ...(await ofGroup(manager, plan, service)),
        ...(await ofProcess(manager, plan, service)),
      ].map((limit) => ({ ...limit, service: service.name })),
    ),
  )
  const same = Map.groupBy(found.flat(), ({ setting, reason }) => `${setting} ${reason}`)
  return [...same.values()].map((all) => {
    const { setting, reason } = all[0] as (typeof all)[number]
    return { setting, reason, services: all.map(({ service }) => service) }
  })
}

type Limit = Omit<IgnoredLimit, 'services'>

/** Limits of the control group (systemd.resource-control(5)). The group has a file for each available controller. */
async function ofGroup(
  manager: Manager,
  { manager: { cgroup } }: SessionPlan,
  { unit: { name, settings } }: ServicePlan,
): Promise<Limit[]> {
  const wanted = (['MemoryMax', 'TasksMax'] as const).filter((key) => settings[key] !== undefined)
  const group = wanted.length > 0 ? await unitGroup(manager, cgroup, name) : undefined
  if (group === undefined) return []
  const limits = wanted.map(async (setting): Promise<Limit[]> => {
    const controller = CONTROLLERS[setting]
    const enforced = await access(join(group, `${controller}.max`)).then(
      () => true,
      () => false,
    )
    if (enforced) return []
    return [{ setting, reason: `its control group has no ${controller} controller` }]
  })
  return (await Promise.all(limits)).flat()
}

/** Limits of the process: systemd sets those that it may, and starts the service without the others. */
async function ofProcess(
  manager: Manager,
  plan: SessionPlan,
  { unit: { name, settings } }: ServicePlan,
): Promise<Limit[]> {
  const { LimitNOFILE, SystemCallFilter } = settings
  if (LimitNOFILE === undefined && SystemCallFilter === undefined) return []
  const pid = await mainProcess(manager, plan, name)
  const read = (file: string) => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '')
  const [limits, status] = await Promise.all([read('limits'), read('status')])
  const hard = /^Max open files +\S+ +(\d+) /m.exec(limits)?.[1]
  const cut = LimitNOFILE !== undefined && hard !== undefined && Number(hard) < LimitNOFILE
  const filtered = status === '' || /^Seccomp:\s*[12]$/m.test(status)
  return [
    ...(cut
      ? [
          {
            setting: 'LimitNOFILE',
            reason: `its manager may give ${hard} open files at most, not ${LimitNOFILE}`,
          } as const,
        ]
      : []),
    ...(SystemCallFilter === undefined || filtered
      ? []
      : [{ setting: 'SystemCallDeny', reason: 'this kernel has no seccomp filters' } as const]),
  ]
}
