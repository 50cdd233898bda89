import { readdir, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { ClusterErrorDetails } from '../errors.ts'
import { readEnd } from '../logs/end.ts'
import { makeKept } from '../logs/kept.ts'
import type { SessionReport } from '../observe/report-data.ts'
import { renderPage } from './page.ts'
import { projectName } from './project.ts'
import type { Report } from './report.ts'
import { renderStartFailure } from './start-failure.ts'

/** Writes a session's page to `PLACE/ID/report.html`, 0600: logs and units may have secrets. Returns its path. */
export async function writePage(report: Report, place: string): Promise<string> {
  const path = join(await makeKept(report.record.id, place), 'report.html')
  await writeFile(path, renderPage(report), { mode: 0o600 })
  return path
}

/**
 * Writes the page of a cluster that did not start beside its kept logs, 0600. Returns the page's path, or undefined if no
 * logs were kept.
 */
export async function writeStartFailure(
  error: ClusterErrorDetails,
  config: string,
): Promise<string | undefined> {
  const { logs: kept } = error
  if (!kept) return undefined
  const files = (await readdir(kept)).filter((name) => name.endsWith('.log')).sort()
  const logs = await Promise.all(
    files.map(async (name) => [basename(name, '.log'), await readEnd(join(kept, name))] as const),
  )
  const about = { project: await projectName(dirname(config)), zone: localZone(), config }
  const page = { ...about, failed: Date.now(), error, logs: Object.fromEntries(logs) }
  const path = join(kept, 'report.html')
  await writeFile(path, renderStartFailure(page), { mode: 0o600 })
  return path
}

/** The project of the session's definition, and this machine's time zone. */
export async function setting({
  config,
}: SessionReport): Promise<Pick<Report, 'project' | 'zone'>> {
  const project = await projectName(config ? dirname(config) : process.cwd())
  return { project, zone: localZone() }
}

/** The machine's time zone, or that of TZ. */
function localZone(): string {
  const { timeZone } = new Intl.DateTimeFormat().resolvedOptions()
  // ICU reports an unknown zone as Etc/Unknown, but does not accept that name
  return timeZone && timeZone !== 'Etc/Unknown' ? timeZone : 'UTC'
}
