import { existsSync, readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { replaceFile } from '../disk/replace.ts'
import { ClusterError, type ClusterErrorDetails, errnoOf } from '../errors.ts'
import { withShortage } from '../shortage/explain.ts'

// One small file for each thing that died: a test's process learns of it by a stat(2), with no
// connection of its own and however busy the run's process is.
const SESSION = 'session.json'

const fileOf = (status: string, service?: string) =>
  join(status, service === undefined ? SESSION : `service-${service}.json`)

/** Notes that a service, or the session, is down, and why. */
export async function markDown(
  status: string,
  details: ClusterErrorDetails,
  service?: string,
): Promise<void> {
  await replaceFile(fileOf(status, service), JSON.stringify(details))
}

/** Notes that a service is up again. */
export async function markUp(status: string, service: string): Promise<void> {
  await rm(fileOf(status, service), { force: true })
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

/** Throws what a service ended with, until it is up again. @throws ClusterError `SERVICE_FAILED` */
export function assertService(status: string, service: string): void {
  throwIfThere(fileOf(status, service))
}

/** What a service ended with, or undefined while it is up. */
export function whyDown(status: string, service: string): ClusterErrorDetails | undefined {
  return read(fileOf(status, service))
}

function throwIfThere(path: string): void {
  const details = read(path)
  if (details) throw new ClusterError(details)
}

function read(path: string): ClusterErrorDetails | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as ClusterErrorDetails
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined
    throw withShortage(error)
  }
}
