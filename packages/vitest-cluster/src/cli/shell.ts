import type { Run } from './command.ts'
import { servicesOf } from './services.ts'
import { target } from './target.ts'
import { onTerminal } from './terminal.ts'

export const run: Run = async (invocation) => {
  const [service = '', ...argv] = invocation.words
  const session = await target(invocation)
  servicesOf(session, [service])
  return onTerminal(session.record.plan, service, argv.length > 0 ? argv : ['/bin/sh', '-i'])
}
