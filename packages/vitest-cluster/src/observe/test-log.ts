import { lstatSync } from 'node:fs'
import { readLog } from '../logs/file.ts'
import { own } from '../own.ts'
import type { SessionPlan } from '../plan/session-plan.ts'
import { printable } from '../printable.ts'
import { overlapping, type TestWindow } from './test-windows.ts'

/** The most bytes of one service's log that are shown for a test: the last ones. */
const LIMIT = 256 * 1024

/** The length of each service's log, in bytes. */
export type LogMarks = Readonly<Record<string, number>>

/** What one service wrote while a test ran. */
export interface TestLog {
  readonly service: string
  readonly lines: readonly string[]
  /** Names of other tests that used the service in the meantime: some of the lines may be theirs. */
  readonly shared: readonly string[]
}

/** Marks the present ends of the logs. Synchronous: nothing else in this process may run between two marks. */
export function markLogs(plan: SessionPlan): LogMarks {
  const entries = Object.entries(plan.services).map(
    ([name, { log }]) => [name, lstatSync(log, { throwIfNoEntry: false })?.size ?? 0] as const,
  )
  return Object.fromEntries(entries)
}

/** The services whose log gets the lines of other files, a little later than those are written. */
export function copiedServices({ services }: SessionPlan): string[] {
  return Object.values(services).flatMap(({ name, helpers }) => (helpers ? name : []))
}

/** What the services wrote between two marks, for the test whose window it was. */
export async function testLogs(
  plan: SessionPlan,
  window: TestWindow,
  since: LogMarks,
  until: LogMarks,
  windows: readonly TestWindow[],
): Promise<TestLog[]> {
  const others = overlapping(windows, window)
  const mine = concerned(plan, window.uses)
  const logs = await Promise.all(
    Object.entries(plan.services).map(async ([service, { log }]) => {
      const from = own(since, service) ?? 0
      const to = own(until, service) ?? 0
      if (to <= from) return undefined
      const users = others.filter(({ uses }) => concerned(plan, uses).has(service))
      // Another test used the service and this one did not: its lines belong to the other
      if (users.length > 0 && !mine.has(service)) return undefined
      const lines = linesOf((await readLog(log, Math.max(from, to - LIMIT), to)).toString())
      return { service, lines, shared: [...new Set(users.map(({ name }) => name))] }
    }),
  )
  return logs.filter((each) => each !== undefined && each.lines.length > 0) as TestLog[]
}

/** The services, and all that they depend on: a login over ssh also uses the ldap that ssh depends on. */
export function concerned(
  plan: { readonly services: Readonly<Record<string, { readonly dependsOn: readonly string[] }>> },
  services: readonly string[],
): Set<string> {
  const all = new Set<string>()
  const add = (name: string): void => {
    if (all.has(name)) return
    all.add(name)
    for (const dependency of plan.services[name]?.dependsOn ?? []) add(dependency)
  }
  services.forEach(add)
  return all
}

/** Lines as a terminal can show them: no escapes, no control characters. Pure. */
export function linesOf(text: string): string[] {
  return printable(text)
    .split('\n')
    .filter((line) => line.trim() !== '')
}
