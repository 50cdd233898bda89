import { ClusterError, errnoOf } from '../errors.ts'
import type { Run } from './command.ts'
import { servicesOf } from './services.ts'
import { target, withClient } from './target.ts'
import { seconds } from './time.ts'

export const run: Run = async (invocation) => {
  const { words, options } = invocation
  const [service = '', ...argv] = words
  const session = await target(invocation)
  servicesOf(session, [service])
  const timeout = seconds(options, 'timeout')
  // A closed pipe must end the program, too; main.ts would end only this process
  process.stdout.removeAllListeners('error')
  const { exitCode } = await withClient(session.record, async (client) => {
    const { exec } = await client.handle(service, {})
    return exec(argv, {
      allowFailure: true,
      stdout: process.stdout,
      stderr: process.stderr,
      ...(options['stdin'] && { input: process.stdin }),
      ...(timeout !== undefined && { timeout: timeout * 1000 }),
    })
  }).catch(explain)
  return exitCode
}

/** The fix for the shell, where the time-out is an option and not an argument. */
function explain(error: unknown): { exitCode: number } {
  if (error instanceof ClusterError && errnoOf(error.cause) === 'EPIPE') return { exitCode: 0 }
  if (error instanceof ClusterError && error.details.fix?.includes('longer timeout')) {
    throw new ClusterError({
      ...error.details,
      fix: 'Allow more time: vitest-cluster exec --timeout 10m …',
    })
  }
  throw error
}
