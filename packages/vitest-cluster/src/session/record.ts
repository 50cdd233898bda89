import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { replaceFile } from '../disk/replace.ts'
import type { SessionPlan } from '../plan/session-plan.ts'
import type { Phase } from './phases.ts'

/** What a session is for: a test run, `up`, `run`, a program of one's own; or it was kept after a failed run. */
export type Purpose = 'test' | 'up' | 'run' | 'program' | 'kept'

/** A process, told from a later one of the same number by its start time (proc(5), stat, field 22). */
export interface ProcessId {
  readonly pid: number
  readonly start: string
}

/** What a session does otherwise than its definition says: a limit that the machine ignores. Plain data. */
export interface SessionWarning {
  /** The services with this setting, by name. */
  readonly services: readonly string[]
  /** The field of the services' `unit`. */
  readonly setting: string
  /** Why the machine does not enforce it, one sentence. */
  readonly message: string
  /** How to make the machine enforce it; may have several lines. */
  readonly fix: string
}

/** A warning as lines for people. Pure. */
export function warningText({ services, message, fix }: SessionWarning): string {
  const [first = '', ...others] = fix.split('\n')
  const lines = [first, ...others.map((line) => `     ${line}`)].join('\n')
  return `warning: ${services.join(', ')}: ${message}\n  fix: ${lines}`
}

/** What other processes of the same user read about a session from its directory. 0600: it has its secrets. */
export interface SessionRecord {
  readonly purpose: Purpose
  /** The file of its definition, where there is one. */
  readonly config?: string | undefined
  /** Who ends it: when this process ends, the session does. */
  readonly owner: ProcessId
  /** Whether the owner is a process that only holds it, in the background. */
  readonly detached: boolean
  /** When it was opened, and when it is removed: milliseconds since 1970. */
  readonly opened: number
  /** When it began to open, and its steps: microseconds of CLOCK_MONOTONIC. */
  readonly begun: number
  readonly phases: readonly Phase[]
  readonly until?: number | undefined
  readonly warnings: readonly SessionWarning[]
  readonly plan: SessionPlan
}

const FILE = 'record.json'

export async function writeRecord(record: SessionRecord): Promise<void> {
  await replaceFile(join(record.plan.paths.directory, FILE), JSON.stringify(record))
}

/** Undefined for a session that is only being opened, or was given up. */
export async function readRecord(directory: string): Promise<SessionRecord | undefined> {
  const text = await readFile(join(directory, FILE), 'utf8').catch(() => undefined)
  return text === undefined ? undefined : (JSON.parse(text) as SessionRecord)
}

export function processId(pid = process.pid): ProcessId {
  return { pid, start: startOf(pid) ?? '' }
}

/** Whether this very process still runs. */
export function isAlive({ pid, start }: ProcessId): boolean {
  return startOf(pid) === start
}

function startOf(pid: number): string | undefined {
  try {
    // The second field, the name, may have spaces and parentheses in it
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' ? undefined : fields[19]
  } catch {
    return undefined
  }
}
