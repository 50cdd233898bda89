import { SESSION_VARIABLE, sessionValues } from '../client/variables.ts'
import { ClusterError } from '../errors.ts'
import { DEFAULT_STAY, invitation, stay } from '../lifetime/stay.ts'
import { keepLogs } from '../logs/kept.ts'
import { ChildCommand } from './child-command.ts'
import type { Run } from './command.ts'
import { open } from './open.ts'
import { tell } from './output.ts'
import { seconds } from './time.ts'

export const run: Run = async ({ words, options }) => {
  const keepTime = options['keep-on-failure']
    ? (seconds(options, 'keep-for') ?? DEFAULT_STAY)
    : undefined
  const keep = keepTime ?? stay(process.env['VITEST_CLUSTER_KEEP'])
  const command = new ChildCommand()
  const { session, definition, logsDirectory } = await open(options, 'run')
  try {
    const { variables } = await sessionValues(session.plan, definition)
    const env = { ...process.env, ...variables, [SESSION_VARIABLE]: session.id }
    const ended = await command.start(words, env, 'inherit').ended
    if (command.interrupted) return ended
    const ends = await session.unexpectedEnds()
    for (const { details } of ends) tell(`vitest-cluster: ${new ClusterError(details).message}`)
    const code = ended || (ends.some(({ failed }) => failed) ? 1 : 0)
    if (code === 0) return code
    const logs = await keepLogs(session.plan.paths.directory, logsDirectory)
    if (logs) tell(`vitest-cluster: all logs of session ${session.id}: ${logs}`)
    if (keep !== undefined) {
      await session.detach(keep)
      tell(`vitest-cluster: ${invitation(session.plan, keep)}`)
    }
    return code
  } finally {
    await session.close()
  }
}
