import { startService } from '../client/change.ts'
import type { Run } from './command.ts'
import { tell } from './output.ts'
import { servicesOf } from './services.ts'
import { target, withManager } from './target.ts'

export const run: Run = async (invocation) => {
  const session = await target(invocation)
  const names = servicesOf(session, invocation.words)
  const { plan } = session.record
  await withManager(session.record, async (manager) => {
    for (const name of names)
      for (const each of await startService(plan, name, manager)) tell(`${each} is ready`)
  })
  return 0
}
