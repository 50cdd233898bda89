import { readdirSync } from 'node:fs'
import { text } from './groups.ts'

type Limit = { readonly soft: number | 'unlimited'; readonly hard: number | 'unlimited' }

/** Since Node 22.13 and 23.3; not yet in @types/node 24. */
type Report = NodeJS.ProcessReport & { excludeNetwork?: boolean }

/** getrlimit(2): unlike reading /proc/self/limits, it needs no descriptor. */
export function userLimits(): Partial<Record<string, Limit>> {
  const report: Report = process.report
  const { excludeNetwork } = report
  try {
    // Otherwise the report resolves the name of every peer by DNS
    report.excludeNetwork = true
    return (report.getReport() as unknown as { userLimits: Record<string, Limit> }).userLimits
  } catch {
    return {}
  } finally {
    if (excludeNetwork !== undefined) report.excludeNetwork = excludeNetwork
  }
}

/** A user's limit of processes and threads (RLIMIT_NPROC), and their number. */
export interface UserProcesses {
  readonly uid: number
  readonly limit: number
  readonly used: number
}

/** Undefined if there is no such limit, as for root. */
export function userProcesses(uid: number): UserProcesses | undefined {
  const { soft } = userLimits().max_user_processes ?? {}
  return uid === 0 || typeof soft !== 'number'
    ? undefined
    : { uid, limit: soft, used: threadsOf(uid) }
}

/** How far below the limit a user may be when the program that met the limit has ended. */
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
