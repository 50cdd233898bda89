import { chmod, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import type { IsolationName, Precondition } from '../../src/index.ts'
import { started } from './child.ts'
import { closedOn, opening } from './closed.ts'

/** Whether these tests run as root. */
export const ROOT = process.getuid?.() === 0
/** An ordinary user: the one who runs the tests, or for root an unused uid. */
export const ORDINARY = ROOT ? 61_183 : (process.getuid?.() ?? 0)
export const ONLY_ROOT = 'only root can make this situation'

const REPOSITORY = fileURLToPath(new URL('../../../..', import.meta.url)).replace(/\/$/, '')

/** The directories above this repository that other uids cannot enter. */
function closed(): string[] {
  return ROOT ? closedOn([join(REPOSITORY, 'package.json'), process.execPath]) : []
}

/** Whether other uids cannot enter this repository: it may be in a home directory. */
export function isClosed(): boolean {
  return closed().length > 0
}

/** Skips a test and prints why, which Vitest's default reporter keeps to itself. */
export function skipWhen(skip: (note: string) => never, condition: boolean, reason: string): void {
  if (!condition) return
  console.log(`skipped: ${reason}`)
  skip(reason)
}

/** A change of the machine that one process and its children see. */
export interface Situation {
  /** Shell commands that run before, as root of a mount namespace; `$1` is the directory given by `with`. */
  readonly before?: string
  readonly with?: string
  /** The command that starts the program: `['setpriv', '--no-new-privs']`. */
  readonly through?: readonly string[]
  /** The uid of the program, for root; an ordinary user keeps their own. */
  readonly uid?: number
  readonly env?: Readonly<Record<string, string>>
}

/** The result of doctor() in a situation, by id. */
export async function seen(situation: Situation = {}) {
  const list = await said<Precondition[]>('./says-doctor.ts', situation)
  const byId = new Map(list.map((one) => [one.id, one]))
  return (id: Precondition['id']) => {
    const one = byId.get(id)
    if (!one) throw new Error(`doctor() does not mention ${id}`)
    return one
  }
}

/** The result of opening a session in a situation. */
export function opened(situation: Situation = {}, ...isolation: IsolationName[]) {
  type Opened = { code?: string; message: string; left: string[] }
  return said<Opened>('./opens-as.ts', situation, ...isolation)
}

async function said<T>(module: string, situation: Situation, ...more: string[]): Promise<T> {
  const { uid } = situation
  const who = uid === undefined ? '' : `${uid}`
  const [command = '', ...rest] = inSituation(situation, module, who, ...more)
  const { said, ended } = await started(command, ...rest)
  await ended
  return JSON.parse(said) as T
}

/**
 * The command that runs a module of this folder in a situation. Modules are run as another uid only by this: that uid
 * may be unable to enter the repository.
 */
export function inSituation(
  { through = [], env = {}, before, with: directory = '' }: Situation,
  module: string,
  ...argv: string[]
): string[] {
  const program = [process.execPath, fileURLToPath(new URL(module, import.meta.url))]
  const first = isClosed() ? `${opening(closed())}\n${before ?? ''}` : before
  // env(1) comes after the programs that make the namespaces, which are found in the usual PATH and not in the one
  // under test
  const environment = Object.entries(env).map(([name, value]) => `${name}=${value}`)
  const whole = ['env', ...environment, ...through, ...program, ...argv]
  return first === undefined ? whole : prepared(first, directory, whole)
}

function prepared(before: string, directory: string, argv: readonly string[]): string[] {
  // An ordinary user mounts as root of a user namespace, and gets their own uid back in a second one
  const mapped = ['--user', '--map-root-user']
  const back = ['unshare', `--map-user=${process.getuid?.()}`, `--map-group=${process.getgid?.()}`]
  const script = `${before}\nshift && exec "$@"`
  return [
    ...['unshare', ...(ROOT ? [] : mapped), '--mount', '--propagation', 'private'],
    ...['sh', '-ec', script, 'sh', directory],
    ...(ROOT ? [] : back),
    ...argv,
  ]
}

/** Whether even root of a user namespace cannot set its limits. */
export async function areSysctlsClosed(): Promise<boolean> {
  const write = 'exec 3<>/proc/sys/user/max_user_namespaces'
  const { failed } = await execa('unshare', ['--user', '--map-root-user', 'sh', '-c', write], {
    reject: false,
  })
  return failed
}

/** Root of a user namespace with all uids, in which no user namespace may be made. */
export function forbidden(): Promise<Situation> {
  return limited('max_user_namespaces', 0)
}

/** Root of a user namespace with all uids, with another value of a file of /proc/sys/user. */
export async function limited(name: string, value: number): Promise<Situation> {
  const { process: keeper } = await started('unshare', '--user', '--mount', 'sh', '-c', 'echo; cat')
  for (const map of ['uid_map', 'gid_map'])
    await writeFile(`/proc/${keeper.pid}/${map}`, '0 0 4294967295')
  const enter = ['nsenter', '--user', '--mount', '--target', `${keeper.pid}`]
  const script = 'echo "$1" >"/proc/sys/user/$0" && shift && exec "$@"'
  return {
    through: [...enter, '--setuid', '0', '--setgid', '0', 'sh', '-ec', script, name, `${value}`],
  }
}

/** A script that runs a fix as a person would type it, as root, and stops at the first failure. */
export function fixed(lines: readonly string[]): string {
  return lines.map((line) => line.replace(/\bsudo /g, '')).join('\n')
}

/** The lines of a fix that is the same on every distribution. */
export function linesOf(one: Precondition): readonly string[] {
  const { fix } = one
  if (!fix || !('all' in fix)) throw new Error(`${one.id} has no fix for all`)
  return fix.all
}

/** A PATH without some programs: a directory with links to all others, which every user may enter. */
export async function pathWithout(directory: string, ...names: readonly string[]): Promise<string> {
  const path = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
  const script = 'IFS=:; for d in $1; do [ -d "$d" ] && ln -s "$d"/* "$0" 2>/dev/null || true; done'
  await execa('sh', ['-c', script, directory, path])
  await chmod(directory, 0o755)
  await execa('rm', ['-f', ...names.map((name) => `${directory}/${name}`)])
  return directory
}
