/**
 * A program that opens, uses and closes a session, as often as its argument says. It ends like a user's program: when
 * it has nothing to do, or with a message about an error. It does not call process.exit(), so anything that keeps the
 * process alive makes it hang.
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
