import { text as readAll } from 'node:stream/consumers'
import { ClusterError } from '../errors.ts'
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
  const input = options['stdin'] ? await readAll(process.stdin) : undefined
  const { stdout, stderr, exitCode } = await withClient(session.about, async (client) => {
    const { exec } = await client.handle(service, {})
    return exec(argv, {
      allowFailure: true,
      ...(input !== undefined && { input }),
      ...(timeout !== undefined && { timeout: timeout * 1000 }),
    })
  }).catch(explain)
  process.stdout.write(stdout)
  process.stderr.write(stderr)
  return exitCode
}

/** In a shell a time-out is an option, not an argument. */
function explain(error: unknown): never {
  if (error instanceof ClusterError && error.details.mend?.includes('longer timeout')) {
    throw new ClusterError({ ...error.details, mend: 'Give it longer: exec --timeout 10m …' })
  }
  throw error
}
