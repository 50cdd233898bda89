import { createInterface } from 'node:readline'
import type { Duplex } from 'node:stream'
import { ClusterError, messageOf } from '../errors.ts'
import { networkCommand } from '../open/network.ts'
import { ChildCommand, cannotRun } from './child-command.ts'
import type { Run } from './command.ts'

/** Runs a command in a new network namespace with a loopback, and nothing else (network_namespaces(7)). */
export const run: Run = async ({ words }) => {
  const command = new ChildCommand()
  const { argv, env, mapIds } = await networkCommand(words, process.env)
  const { child, ended } = command.start(argv, env, ['inherit', 'inherit', 'inherit', 'pipe'])
  const channel = child.stdio[3] as Duplex
  try {
    const lines = createInterface({ input: channel })[Symbol.asyncIterator]()
    const pid = (await lines.next()).value
    if (pid !== undefined) await mapIds(pid)
    channel.end('\n')
    const said = pid === undefined ? undefined : (await lines.next()).value
    const code = await ended
    if (said === 'up') return code
    throw said === 'missing' ? cannotRun(words[0] ?? '') : unavailable('the reason is above')
  } catch (error) {
    channel.destroy()
    await ended.catch(() => {})
    throw error instanceof ClusterError ? error : unavailable(messageOf(error))
  }
}

function unavailable(why: string): ClusterError {
  return new ClusterError({
    code: 'NETWORK_UNAVAILABLE',
    message: `cannot make a network for the command: ${why}`,
    fix: 'It needs unshare(1), ip(8) or perl, and user namespaces: npx vitest-cluster doctor',
  })
}
