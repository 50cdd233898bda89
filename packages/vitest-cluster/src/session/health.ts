import { existsSync, readFileSync, watch } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { replaceFile } from '../disk/replace.ts'
import { ClusterError, type ClusterErrorDetails, errnoOf } from '../errors.ts'
import { withShortage } from '../shortage/explain.ts'
import type { Microseconds } from '../timers.ts'

// One small file for each service, or session, that has ended: a worker finds it by stat(2), without a connection, and
// however busy the run's process is.
const SESSION = 'session.json'

const fileOf = (status: string, service?: string) =>
  join(status, service === undefined ? SESSION : `service-${service}.json`)
// Written by the process that watches the session alone, so that it cannot replace the note of a stop
const restartingFile = (status: string, service: string) =>
  join(status, `service-${service}.restarting`)
const askedFile = (status: string, service: string) => join(status, `service-${service}.asked`)

/** A call that stops a service on purpose, or may end it. */
export interface Asked {
  /** The call as the user wrote it: `stop()`, `kill('SIGTERM')`, `vitest-cluster stop`. */
  readonly call: string
  /** The service that was to be stopped: this one, or one that this one requires. */
  readonly of: string
  /** The number of the signal that the call sends. */
  readonly signal?: number | undefined
  readonly at: Microseconds
}

/** Why a service is down. The code is `SERVICE_STOPPED` if it was stopped on purpose. */
export interface Down extends ClusterErrorDetails {
  /** Set if a test or a user ended the service on purpose. */
  readonly asked?: Asked | undefined
}

/** Notes that a service, or the session, is down, and why. */
export async function markDown(status: string, down: Down, service?: string): Promise<void> {
  await replaceFile(fileOf(status, service), JSON.stringify(down))
}

/** Notes that a service has ended and that systemd is about to restart it. */
export async function markRestarting(status: string, down: Down, service: string): Promise<void> {
  await replaceFile(restartingFile(status, service), JSON.stringify(down))
}

/** Notes that systemd has restarted a service, which the process that watches the session may not have read yet. */
export async function markRestarted(status: string, service: string): Promise<void> {
  await rm(restartingFile(status, service), { force: true })
}

/**
 * Notes that a service is up again.
 * @param since when it became ready: calls that were noted after that time remain noted
 */
export async function markUp(status: string, service: string, since?: Microseconds): Promise<void> {
  const holds = (asked: Asked | undefined) =>
    since !== undefined && asked !== undefined && asked.at > since
  const [down, asked] = [read<Down>(fileOf(status, service)), askedOf(status, service)]
  await markRestarted(status, service)
  if (down && !holds(down.asked)) await rm(fileOf(status, service), { force: true })
  if (asked && !holds(asked)) await rm(askedFile(status, service), { force: true })
}

/** Notes that a service is restarted, or gets a signal that may end it: its next end is then expected. */
export async function markAsked(status: string, service: string, asked: Asked): Promise<void> {
  await replaceFile(askedFile(status, service), JSON.stringify(asked))
}

/** The last call that {@link markAsked} noted since the service was started. */
export function askedOf(status: string, service: string): Asked | undefined {
  return read<Asked>(askedFile(status, service))
}

/** Why the session ended, or undefined while it is up. */
export function whyLost(status: string): ClusterErrorDetails | undefined {
  return read(fileOf(status))
}

/** Throws if the session has ended. @throws ClusterError `MANAGER_LOST`, `BUS_LOST`, `SESSION_CLOSED` */
export function assertSession(status: string): void {
  if (!existsSync(status)) {
    throw new ClusterError({
      code: 'SESSION_CLOSED',
      message: 'the session has ended and was removed',
      fix: 'Run the tests again. In watch mode restart Vitest, because pressing r does not open a new session.',
    })
  }
  throwIf(read(fileOf(status)))
}

/** Throws while a service is down. @throws ClusterError `SERVICE_FAILED`, `SERVICE_STOPPED` */
export function assertService(status: string, service: string): void {
  throwIf(whyDown(status, service))
}

/** Why a service is down, or undefined while it is up. */
export function whyDown(status: string, service: string): Down | undefined {
  return read<Down>(fileOf(status, service)) ?? read<Down>(restartingFile(status, service))
}

/**
 * Resolves with the cause when a service, or the session, has failed. Not for a service that was ended on purpose, or that
 * systemd is about to restart; nor if the signal aborts first.
 */
export function failureOf(status: string, service: string, signal: AbortSignal): Promise<Error> {
  const failure = Promise.withResolvers<Error>()
  const check = () => {
    try {
      assertSession(status)
      const down = read<Down>(fileOf(status, service))
      if (!down?.asked) throwIf(down)
    } catch (error) {
      failure.resolve(error as Error)
    }
  }
  try {
    watch(status, { signal }, check).on('error', check)
  } catch {
    // The session has ended: there is nothing to watch
  }
  check()
  return failure.promise
}

function throwIf(down: Down | undefined): void {
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
