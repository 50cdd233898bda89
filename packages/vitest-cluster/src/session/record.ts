import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { replaceFile } from '../disk/replace.ts'
import type { SessionPlan } from '../plan/session-plan.ts'
import type { Phase } from './phases.ts'

/** Why a session was opened: for a test run, by `up`, by `run`, by a user's program; `kept`: it outlives a failed run. */
export type Purpose = 'test' | 'up' | 'run' | 'program' | 'kept'

/** A process. Its start time (proc(5), stat, field 22) distinguishes it from a later process with the same pid. */
export interface ProcessId {
  readonly pid: number
  readonly start: string
}

/** A limit of the definition that the machine ignores. Plain data. */
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

/** A session's record in its directory, for other processes of the same user. 0600: it contains secrets. */
export interface SessionRecord {
  readonly purpose: Purpose
  /** The file of its definition, where there is one. */
  readonly config?: string | undefined
  /** The process that the session ends with. */
  readonly owner: ProcessId
  /** Whether the owner is a background process that only holds the session. */
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

/** Undefined for a session that is still being opened, or did not open. */
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
    // The second field, the name, may contain spaces and parentheses
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' ? undefined : fields[19]
  } catch {
    return undefined
  }
}
