/**
 * A program that opens a session, uses it and closes it, as often as its argument says. It ends as a user's would: by itself when
 * it is done, with a word about the error otherwise. Nothing in it ends the process, so whatever keeps it alive makes it hang.
 */
import { isClusterError, openSession } from 'vitest-cluster'
import { cluster } from './definition.ts'
import { ENDS } from './ends.ts'
import { begin } from './phase.ts'
import { RequestError, use } from './uses.ts'

const sessions = Number(process.argv[2] ?? 1)
const briefly = process.argv[3] === 'briefly'

try {
  for (let number = 1; number <= sessions; number++) await round(number)
} catch (error) {
  console.error(isClusterError(error) ? `ClusterError ${error.code}: ${error.message}` : error)
  if (isClusterError(error)) process.exitCode = ENDS.clusterError
  else process.exitCode = error instanceof RequestError ? ENDS.requestError : ENDS.otherError
}

async function round(number: number): Promise<void> {
  begin('open', number)
  const session = await openSession(cluster)
  try {
    begin('use', number)
    await use(session, briefly)
  } finally {
    begin('close', number)
    await session.close()
  }
}
