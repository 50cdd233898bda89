import { lstat, readdir, readFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { baseDirectory } from '../disk/directories.ts'
import { isHeld } from '../disk/sessions.ts'
import { ClusterError } from '../errors.ts'
import { duration } from '../units.ts'
import { type Purpose, readRecord, type SessionRecord } from './record.ts'

/** A session of this user, as found in its directory. */
export interface FoundSession {
  readonly id: string
  readonly directory: string
  /** `dead`: its owner has ended, and it is being removed or was left over. */
  readonly state: 'up' | 'starting' | 'dead'
  readonly record?: SessionRecord | undefined
}

/**
 * All sessions of this user: those in `$TMPDIR`, and those in other directories whose keeper runs. Dead sessions of another
 * `$TMPDIR` are not found.
 */
export async function findSessions(): Promise<FoundSession[]> {
  const uid = process.getuid?.() ?? 0
  const bases = new Set([baseDirectory(uid), ...(await keptDirectories(uid)).map(dirname)])
  const found = await Promise.all([...bases].map((base) => sessionsIn(base, uid)))
  return found
    .flat()
    .sort((a, b) => (a.record?.opened ?? 0) - (b.record?.opened ?? 0) || (a.id < b.id ? -1 : 1))
}

async function sessionsIn(base: string, uid: number): Promise<FoundSession[]> {
  const names = (await readdir(base).catch(() => [])).filter((name) => /^[0-9a-f]{8}$/.test(name))
  const sessions = await Promise.all(
    names.map(async (id): Promise<FoundSession | undefined> => {
      const directory = join(base, id)
      const stat = await lstat(directory).catch(() => undefined)
      if (!stat?.isDirectory() || stat.uid !== uid) return undefined
      const [record, held] = await Promise.all([
        readRecord(directory),
        isHeld(join(directory, 'lease')),
      ])
      return { id, directory, state: held ? (record ? 'up' : 'starting') : 'dead', record }
    }),
  )
  return sessions.filter((session) => session !== undefined)
}

/** The directories of sessions whose keeper (`sh …/keeper.sh DIRECTORY …`) runs as this user, wherever they are. */
async function keptDirectories(uid: number): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const found = await Promise.all(
    pids.map(async (pid) => {
      const [stat, words] = await Promise.all([
        lstat(`/proc/${pid}`).catch(() => undefined),
        readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => ''),
      ])
      const [, script = '', directory = ''] = words.split('\0')
      const own = stat?.uid === uid && basename(script) === 'keeper.sh'
      return own && basename(dirname(directory)) === `vitest-cluster-${uid}` ? [directory] : []
    }),
  )
  return found.flat()
}

/** A session that is up, with its record. */
export type LiveSession = FoundSession & { readonly record: SessionRecord }

/** The order of preference among sessions of one definition: first those that a user opened to work with. */
const PREFERENCE: readonly Purpose[] = ['up', 'kept', 'run', 'program', 'test']

const PURPOSES: Readonly<Record<Purpose, string>> = {
  up: 'opened by vitest-cluster up',
  kept: 'kept after a failed test run',
  run: 'opened by vitest-cluster run',
  program: 'opened by a program',
  test: 'opened by a test run',
}

/** Who opened a session, and when: `opened by a test run 3 min ago`. */
export function openedBy({ purpose, opened }: SessionRecord): string {
  return `${PURPOSES[purpose]} ${duration(Date.now() - opened)} ago`
}

/** The session that a command is to use. */
export interface WantedSession {
  /** An id, or its beginning. */
  readonly id?: string | undefined
  /** The path of a definition. */
  readonly config?: string | undefined
  /** The value of `--config`, if it was given. */
  readonly option?: string | undefined
}

/**
 * The session that a command is to use: the one with this id, else the one of the definition. Of several, those that a
 * user opened to work with are preferred. Sessions of another `$TMPDIR` count only if this one has none.
 * @throws ClusterError `NO_SUCH_SESSION`
 */
export async function chooseSession(wanted: WantedSession): Promise<LiveSession> {
  const all = await findSessions()
  const base = baseDirectory(process.getuid?.() ?? 0)
  const own = all.filter(({ directory }) => dirname(directory) === base)
  const here = own.some(({ state, record }) => state === 'up' && record?.config === wanted.config)
  return pickSession(wanted.id === undefined && here ? own : all, wanted)
}

/** The session whose id is in an environment variable. @throws ClusterError `NO_SUCH_SESSION` */
export async function sessionOf(id: string, variable: string): Promise<LiveSession> {
  const found = (await findSessions()).find((session) => session.id === id)
  if (found?.state === 'up' && found.record) return found as LiveSession
  throw new ClusterError({
    code: 'NO_SUCH_SESSION',
    message: `session ${id} of the environment variable ${variable} is not up`,
    fix: `Choose another session by --session ID or --config FILE, or unset ${variable}.`,
  })
}

/** The pure part of {@link chooseSession}. */
export function pickSession(all: readonly FoundSession[], wanted: WantedSession): LiveSession {
  const { id, config, option } = wanted
  const up = all.filter((each): each is LiveSession => each.state === 'up' && !!each.record)
  if (id !== undefined) {
    const found = up.filter((session) => session.id.startsWith(id))
    if (found.length === 1) return found[0] as LiveSession
    if (found.length > 1)
      throw none(`${found.length} sessions have ids that begin with ${id}`, choice(found))
    throw none(`no session of yours with the ID ${id} is up`, choice(up) || OPEN)
  }
  if (config === undefined) {
    const fix = "Run the command in the project's directory, or name the definition: --config FILE."
    const message = 'there is no cluster.config.ts in this directory or above it'
    throw none(message, fix, choice(up, 'Or choose a session:'))
  }
  const own = up.filter(({ record }) => record.config === config)
  const best = PREFERENCE.map((purpose) => own.filter(({ record }) => record.purpose === purpose))
  const candidates = best.find((sessions) => sessions.length > 0) ?? []
  if (candidates.length === 1) return candidates[0] as LiveSession
  if (candidates.length > 1)
    throw none(`${candidates.length} sessions of ${config} are up`, choice(candidates))
  const starting = all.some(({ state }) => state === 'starting')
  throw none(
    `no session of ${config} is up${starting ? ', but a session is starting' : ''}`,
    `${OPEN}${option === undefined ? '' : ` --config ${option}`}`,
    choice(up, 'Or choose a session of another definition:'),
  )
}

const OPEN = 'Open one: npx vitest-cluster up --detach'

/** The options that name these sessions, a line each. Empty where there are none. */
function choice(sessions: readonly LiveSession[], words = 'Choose a session:'): string {
  const lines = sessions.map(
    ({ id, record: { purpose, config, opened } }) =>
      `  --session ${id}   ${PURPOSES[purpose]}, ${duration(Date.now() - opened)} ago${config ? `, ${config}` : ''}`,
  )
  return lines.length > 0 ? [words, ...lines].join('\n') : ''
}

function none(message: string, ...fixes: readonly string[]): ClusterError {
  const fix = fixes.filter((each) => each !== '').join('\n')
  return new ClusterError({ code: 'NO_SUCH_SESSION', message, fix })
}
