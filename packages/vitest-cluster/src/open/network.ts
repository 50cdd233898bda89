import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { libexec } from '../libexec.ts'
import { findProgram } from '../machine/programs.ts'
import { firstRange, parseRanges, type Range, userName } from '../machine/subordinate.ts'
import { exists } from '../machine/system.ts'
import { managerSocket, runtimeDirectory } from '../machine/wanted.ts'

/** How to run a command in a new network namespace, see libexec/network.sh. */
export interface NetworkCommand {
  readonly argv: readonly string[]
  readonly env: NodeJS.ProcessEnv
  /** Called with the process number that the script writes, before it goes on. */
  mapIds(pid: string): Promise<void>
}

/** What newuidmap(1) needs in the user namespace, where it has no rights of root: a session with many uids calls it. */
const KEPT = '+setuid,+setgid'
const MAPPERS = ['newuidmap', 'newgidmap'] as const

/** Root makes only the network. Others also make a user namespace, in which they may make a network. */
export async function networkCommand(
  command: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<NetworkCommand> {
  const [uid, gid] = [process.getuid?.() ?? 0, process.getgid?.() ?? 0]
  const script = (keep: string) => ['--net', '--', 'sh', libexec('network.sh'), keep, ...command]
  if (uid === 0) return { argv: ['unshare', ...script('root')], env, mapIds: async () => {} }
  const [scope, ranges] = await Promise.all([scopeOf(uid, env), subordinate(uid, env)])
  const user = ['--user', '--keep-caps', ...(ranges ? [] : ['--map-current-user'])]
  return {
    argv: [...scope, 'unshare', ...user, ...script(KEPT)],
    // The user's own manager starts its units in the network of the machine
    env: { ...env, VITEST_CLUSTER_MANAGER: 'private' },
    async mapIds(pid) {
      if (ranges) await map(pid, [uid, gid], ranges)
    },
  }
}

/** A control group that belongs to the user, which a private manager needs; none where no user manager can make it. */
async function scopeOf(uid: number, env: NodeJS.ProcessEnv): Promise<string[]> {
  if (!(await exists(managerSocket(runtimeDirectory(env, uid))))) return []
  const delegated = ['--quiet', '--collect', '--property=Delegate=yes', '--']
  return ['systemd-run', '--user', '--scope', ...delegated]
}

/** The user's subordinate uids and gids; undefined without them, or without the programs that map them. */
async function subordinate(
  uid: number,
  env: NodeJS.ProcessEnv,
): Promise<readonly [Range, Range] | undefined> {
  const directories = (env['PATH'] ?? '').split(':').filter(Boolean)
  const programs = await Promise.all(MAPPERS.map((name) => findProgram(name, directories)))
  if (programs.includes(undefined)) return undefined
  const [uids, gids] = await Promise.all(
    ['/etc/subuid', '/etc/subgid'].map(async (file) => {
      const text = await readFile(file, 'utf8').catch(() => '')
      return firstRange(parseRanges(text), userName(uid), uid)
    }),
  )
  return uids && gids && [uids, gids]
}

/** Maps the user's own ids and the subordinate ones to the same numbers, so that a session can map these again. */
async function map(pid: string, own: readonly [number, number], ranges: readonly [Range, Range]) {
  for (const [i, program] of MAPPERS.entries()) {
    const { first, count } = ranges[i] as Range
    const numbers = [own[i], own[i], 1, first, first, count].map(String)
    await promisify(execFile)(program, [pid, ...numbers])
  }
}
