import { stopService } from '../client/change.ts'
import type { Run } from './command.ts'
import { tell } from './output.ts'
import { servicesOf } from './services.ts'
import { target, withManager } from './target.ts'

const CALL = 'vitest-cluster stop'

export const run: Run = async (invocation) => {
  const session = await target(invocation)
  const names = servicesOf(session, invocation.words)
  const { plan } = session.record
  await withManager(session.record, async (manager) => {
    for (const name of names)
      for (const each of await stopService(plan, name, manager, CALL)) tell(`${each} is stopped`)
  })
  return 0
}
