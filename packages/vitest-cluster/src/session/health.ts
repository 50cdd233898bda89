import { existsSync, readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { replaceFile } from '../disk/replace.ts'
import { ClusterError, type ClusterErrorDetails, errnoOf } from '../errors.ts'
import { withShortage } from '../shortage/explain.ts'
import type { Microseconds } from '../timers.ts'

// One small file for each thing that died: a test's process learns of it by a stat(2), with no
// connection of its own and however busy the run's process is.
const SESSION = 'session.json'

const fileOf = (status: string, service?: string) =>
  join(status, service === undefined ? SESSION : `service-${service}.json`)
const askedFile = (status: string, service: string) => join(status, `service-${service}.asked`)

/** A call that stops a service on purpose, or may end it. */
export interface Asked {
  /** In the caller's words: `stop()`, `kill('SIGTERM')`, `vitest-cluster stop`. */
  readonly call: string
  /** The service that it was called for: this one, or one that this one requires. */
  readonly of: string
  /** The number of the signal that it sends itself. */
  readonly signal?: number | undefined
  readonly at: Microseconds
}

/** Why a service is down. `SERVICE_STOPPED` where it was stopped on purpose. */
export interface Down extends ClusterErrorDetails {
  /** Set where a test, or a person, ended the service on purpose: it did not crash. */
  readonly asked?: Asked | undefined
}

/** Notes that a service, or the session, is down, and why. */
export async function markDown(status: string, down: Down, service?: string): Promise<void> {
  await replaceFile(fileOf(status, service), JSON.stringify(down))
}

/**
 * Notes that a service is up again.
 * @param since when it became so, for whoever hears of it late: what was asked for after that still holds
 */
export async function markUp(status: string, service: string, since?: Microseconds): Promise<void> {
  const holds = (asked: Asked | undefined) =>
    since !== undefined && asked !== undefined && asked.at > since
  const [down, asked] = [whyDown(status, service), askedOf(status, service)]
  if (down && !holds(down.asked)) await rm(fileOf(status, service), { force: true })
  if (asked && !holds(asked)) await rm(askedFile(status, service), { force: true })
}

/** Notes that a service is restarted, or gets a signal that may end it: its next end is asked for. */
export async function markAsked(status: string, service: string, asked: Asked): Promise<void> {
  await replaceFile(askedFile(status, service), JSON.stringify(asked))
}

/** What was last asked of a service by {@link markAsked}, since it was last started. */
export function askedOf(status: string, service: string): Asked | undefined {
  return read<Asked>(askedFile(status, service))
}

/** What the session ended with, or undefined while it is up. */
export function whyLost(status: string): ClusterErrorDetails | undefined {
  return read(fileOf(status))
}

/** Throws what the session ended with. @throws ClusterError `MANAGER_LOST`, `BUS_LOST`, `SESSION_CLOSED` */
export function assertSession(status: string): void {
  if (!existsSync(status)) {
    throw new ClusterError({
      code: 'SESSION_CLOSED',
      message: 'the session has ended and nothing of it is left',
      fix: 'Run the tests again; in watch mode restart Vitest (r does not open a session again).',
    })
  }
  throwIfThere(fileOf(status))
}

/** Throws why a service is down, until it is up again. @throws ClusterError `SERVICE_FAILED`, `SERVICE_STOPPED` */
export function assertService(status: string, service: string): void {
  throwIfThere(fileOf(status, service))
}

/** Why a service is down, or undefined while it is up. */
export function whyDown(status: string, service: string): Down | undefined {
  return read<Down>(fileOf(status, service))
}

function throwIfThere(path: string): void {
  const down = read<Down>(path)
  if (!down) return
  const { asked, ...details } = down
  throw new ClusterError(details)
}

function read<T>(path: string): T | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as T
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined
    throw withShortage(error)
  }
}
