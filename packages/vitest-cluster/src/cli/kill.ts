import { killService } from '../client/kill.ts'
import { type Run, text } from './command.ts'
import { tell } from './output.ts'
import { servicesOf } from './services.ts'
import { target, withManager } from './target.ts'

export const run: Run = async (invocation) => {
  const session = await target(invocation)
  const names = servicesOf(session, invocation.words)
  const { plan } = session.record
  const signal = text(invocation.options, 'signal') ?? 'SIGKILL'
  const whom = (text(invocation.options, 'whom') ?? 'main') as 'main' | 'all'
  const call = `vitest-cluster kill --signal ${signal}`
  await withManager(session.record, async (manager) => {
    for (const name of names) {
      await killService(plan, name, manager, { signal, options: { whom }, call })
      tell(`sent ${signal} to ${name}`)
    }
  })
  return 0
}
