import { readdirSync } from 'node:fs'
import { text } from './groups.ts'

type Limit = { readonly soft: number | 'unlimited'; readonly hard: number | 'unlimited' }

/** Of Node 22.13 and 23.3; @types/node 24 has it not yet. */
type Report = NodeJS.ProcessReport & { excludeNetwork?: boolean }

/** getrlimit(2), which needs no descriptor, as reading /proc/self/limits would. */
export function userLimits(): Partial<Record<string, Limit>> {
  const report: Report = process.report
  const { excludeNetwork } = report
  try {
    // Otherwise it asks DNS for the name of every peer
    report.excludeNetwork = true
    return (report.getReport() as unknown as { userLimits: Record<string, Limit> }).userLimits
  } catch {
    return {}
  } finally {
    if (excludeNetwork !== undefined) report.excludeNetwork = excludeNetwork
  }
}

/** The limit of processes and threads of a user (RLIMIT_NPROC), and how many there are. */
export interface UserProcesses {
  readonly uid: number
  readonly limit: number
  readonly used: number
}

/** Undefined where there is no such limit: root has none. */
export function userProcesses(uid: number): UserProcesses | undefined {
  const { soft } = userLimits().max_user_processes ?? {}
  return uid === 0 || typeof soft !== 'number'
    ? undefined
    : { uid, limit: soft, used: threadsOf(uid) }
}

/** How many more a program may have wanted than are there once it has failed. */
const MARGIN = 16

export function isNearLimit({ limit, used }: UserProcesses): boolean {
  return used > limit - MARGIN
}

function threadsOf(uid: number): number {
  const processes = attempt(() => readdirSync('/proc').filter((name) => /^\d+$/.test(name))) ?? []
  return processes.reduce((sum, pid) => {
    const status = text(`/proc/${pid}/status`) ?? ''
    const own = Number(/^Uid:\t(\d+)/m.exec(status)?.[1]) === uid
    return sum + (own ? Number(/^Threads:\t(\d+)/m.exec(status)?.[1] ?? 1) : 0)
  }, 0)
}

export function attempt<T>(work: () => T): T | undefined {
  try {
    return work()
  } catch {
    return undefined
  }
}
