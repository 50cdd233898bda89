import { endSession } from '../lifetime/end.ts'
import type { Run } from './command.ts'
import { tell } from './output.ts'
import { target } from './target.ts'

export const run: Run = async (invocation) => {
  const session = await target(invocation)
  await endSession(session)
  tell(`session ${session.id} has ended; its files are removed`)
  return 0
}
