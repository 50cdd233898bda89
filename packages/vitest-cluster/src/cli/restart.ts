import type { Run } from './command.ts'
import { tell } from './output.ts'
import { servicesOf } from './services.ts'
import { target, withClient } from './target.ts'

export const run: Run = async (invocation) => {
  const session = await target(invocation)
  const names = servicesOf(session, invocation.words)
  await withClient(session.about, async (client) => {
    for (const name of names) {
      const handle = await client.handle(name, {})
      await handle.restart()
      tell(`${name} is ready again`)
    }
  })
  return 0
}
