import { writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { renderPage } from '../report/page.ts'
import { testsOf } from '../report/report.ts'
import { writePage } from '../report/write.ts'
import { recordSession } from '../observe/report-data.ts'
import { Manager } from '../systemd/manager.ts'
import { type Run, text } from './command.ts'
import { print, printJson } from './output.ts'
import { target } from './target.ts'

export const run: Run = async (invocation) => {
  const { about } = await target(invocation)
  const manager = await Manager.connect(about.info.address)
  const record = await recordSession(manager, about).finally(() => manager.disconnect())
  if (invocation.options['json']) {
    printJson(record)
    return 0
  }
  const report = { record, tests: testsOf(record) }
  const output = text(invocation.options, 'output')
  if (output === undefined) {
    const base = about.config ? dirname(about.config) : process.cwd()
    print(await writePage(report, join(base, '.vitest', 'cluster')))
  } else {
    await writeFile(output, renderPage(report), { mode: 0o600 })
    print(resolve(output))
  }
  return 0
}
