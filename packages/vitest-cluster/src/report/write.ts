import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { makeKept } from '../logs/kept.ts'
import { renderPage } from './page.ts'
import type { Report } from './report.ts'

/** Writes a session's page to `PLACE/ID/report.html`, 0600: logs and units may have secrets. Returns its path. */
export async function writePage(report: Report, place: string): Promise<string> {
  const path = join(await makeKept(report.record.id, place), 'report.html')
  await writeFile(path, renderPage(report), { mode: 0o600 })
  return path
}
