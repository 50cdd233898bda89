import { writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { reportSession } from '../observe/report-data.ts'
import { renderPage } from '../report/page.ts'
import { testsOf } from '../report/report.ts'
import { setting, writePage } from '../report/write.ts'
import { type Run, text } from './command.ts'
import { print, printJson } from './output.ts'
import { target, withManager } from './target.ts'

export const run: Run = async (invocation) => {
  const { record } = await target(invocation)
  const session = await withManager(record, (manager) => reportSession(manager, record))
  if (invocation.options['json']) {
    printJson(session)
    return 0
  }
  const tests = testsOf(session)
  const report = { ...(await setting(session)), record: session, tests, otherErrors: [] }
  const output = text(invocation.options, 'output')
  if (output === undefined) {
    const base = record.config ? dirname(record.config) : process.cwd()
    print(await writePage(report, join(base, '.vitest', 'cluster')))
  } else {
    await writeFile(output, renderPage(report), { mode: 0o600 })
    print(resolve(output))
  }
  return 0
}
