import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Uids } from '../../definition/service-fields.ts'
import { writeWithMode } from '../../disk/modes.ts'
import { libexec } from '../../libexec.ts'
import type { GroupSource } from '../../machine/group-source.ts'
import { findProgram } from '../../machine/programs.ts'
import { startChild } from '../../shortage/child.ts'
import { hostCertificates } from './certificates.ts'
import type { RunOptions, RunResult } from './step.ts'

/** The most lines of a program's output that are kept for an error. */
const KEPT = 25
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

export interface Namespace {
  readonly uids: Uids
  /** The first uid of root's range; undefined for other users, who have their subordinate uids. */
  readonly base: number | undefined
  /** The working directory of programs, owned by the namespace's root. */
  readonly directory: string
  /** The tree that a layer is built on, relative to `directory`. */
  readonly lower: string | undefined
}

/** Runs a program while a tree is built, see libexec/tree/enter.sh. Resolves with any exit code. */
export async function runInNamespace(
  { uids, base, directory, lower }: Namespace,
  where: 'host' | 'tree',
  argv: readonly string[],
  { env = {}, cwd = '/', input, network = false, cgroup, onLine }: RunOptions = {},
): Promise<RunResult> {
  const certificates = where === 'tree' && network ? await hostCertificates() : undefined
  if (certificates)
    await writeWithMode(join(directory, 'certificates.crt'), certificates.content, 0o644)
  const options = [uids, `${base ?? '-'}`, network ? 'yes' : 'no', lower ?? '-']
  const clean = [
    'env',
    '-i',
    ...Object.entries({
      PATH,
      LANG: 'C.UTF-8',
      ...(where === 'tree' ? { HOME: '/root' } : { HOME: directory, TMPDIR: directory }),
      ...(network ? proxies() : {}),
      ...certificates?.env,
      ...env,
    }).map(([name, value]) => `${name}=${value}`),
    ...(where === 'tree' ? await entering(cwd) : []),
  ]
  const enter = [libexec('tree/enter.sh'), `${process.pid}`, ...options, ...clean, ...argv]
  const [program = '', ...rest] = cgroup ? withGroup(cgroup, base, enter) : ['sh', ...enter]
  const source = input === undefined || input instanceof Readable ? input : Readable.from([input])
  // pipeline() below also rejects with an error from before it was called
  source?.on('error', () => {})
  const child = await startChild('setpriv', ['--pdeathsig', 'KILL', program, ...rest], {
    cwd: directory,
    stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
  }).catch((error: unknown) => {
    source?.destroy()
    throw error
  })
  const lines: string[] = []
  const output: string[] = []
  const readLines = async (stream: Readable, told: (line: string) => void) => {
    for await (const line of createInterface({ input: stream })) {
      lines.push(line)
      if (lines.length > KEPT) lines.shift()
      told(line)
      onLine?.(line)
    }
  }
  const ended = new Promise<number>((resolve) =>
    child.once('close', (code) => resolve(code ?? 137)),
  )
  // A program may close its input early: whether that is an error shows in its exit code
  const fed = source && child.stdin ? pipeline(source, child.stdin) : undefined
  fed?.catch(() => child.kill('SIGKILL'))
  const [exitCode] = await Promise.all([
    ended,
    child.stdout && readLines(child.stdout, (line) => output.push(line)),
    child.stderr && readLines(child.stderr, () => {}),
  ])
  const broken = await fed?.then(
    () => undefined,
    (error: unknown) => error,
  )
  if (broken && !isBrokenPipe(broken)) throw broken
  return { exitCode, stdout: output.join('\n'), lines }
}

/**
 * The command of the host that runs a program with the tree as its root: the tree may have no other program. An absolute
 * path, because a PATH among the variables is that of the tree.
 */
async function entering(cwd: string): Promise<string[]> {
  const name = 'unshare'
  const path = await findProgram(name, [...(process.env['PATH'] ?? '').split(':'), '/usr/bin'])
  return [path ?? name, '--root=root', `--wd=${cwd}`, '--']
}

function isBrokenPipe(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return code === 'EPIPE' || code === 'ERR_STREAM_PREMATURE_CLOSE'
}

/** The same in a new control group, see libexec/tree/with-cgroup.sh. */
function withGroup(
  source: GroupSource,
  base: number | undefined,
  [enter = '', parent = '', ...rest]: readonly string[],
): string[] {
  const scope = ['systemd-run', '--user', '--scope', '--quiet', '--collect', '-p', 'Delegate=yes']
  const place = source.from === 'user manager' ? '-' : source.directory
  return [
    ...(source.from === 'user manager' ? [...scope, '--'] : []),
    ...['sh', libexec('tree/with-cgroup.sh'), parent, place, `${base ?? '-'}`, enter, ...rest],
  ]
}

/** The variables of a machine behind a proxy. */
function proxies(): Record<string, string> {
  const names = ['http_proxy', 'https_proxy', 'no_proxy', 'HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY']
  return Object.fromEntries(
    names.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])),
  )
}
