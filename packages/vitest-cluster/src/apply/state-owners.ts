import { execa } from 'execa'
import type { HeldDirectory } from '../disk/held-directory.ts'
import { ClusterError } from '../errors.ts'
import { own } from '../own.ts'
import { type SessionPlan, serviceOf } from '../plan/session-plan.ts'
import { SESSION } from '../root/accounts.ts'
import type { StateReader } from './state-template.ts'

const TYPES: Readonly<Record<string, string>> = { s: 'a socket', b: 'a device', c: 'a device' }

/**
 * Checks that a copy of the state's template will equal the state. A template has no owners: a session gives all its
 * files to the service's account.
 * @throws ClusterError `INVALID_DEFINITION` with the first file that a copy would change
 */
export async function checkOwners(
  directory: HeldDirectory,
  plan: SessionPlan,
  service: string,
  { through, as }: StateReader,
): Promise<void> {
  const { uids, gids, base } = allowed(plan, service)
  const none = (test: string, ids: readonly number[]) =>
    ids.flatMap((id) => ['!', test, `${base + id}`])
  const wrong = [
    ...['(', ...none('-uid', uids), ')', '-o', '(', ...none('-gid', gids), ')'],
    ...['-o', '(', '-type', 'f', '-perm', '/6000', ')'],
    ...['-o', '-type', 's', '-o', '-type', 'b', '-o', '-type', 'c'],
  ]
  const find = ['find', '.', '(', ...wrong, ')', '-printf', '%y/%m/%U/%G/%P', '-quit']
  const [program = '', ...argv] = [...through, ...find]
  const { stdout } = await execa(program, argv, {
    ...{ cwd: `/proc/self/fd/${directory.descriptor}`, reject: false, stripFinalNewline: false },
    ...as,
  })
  if (!stdout) return
  const [type = '', mode = '', uid = '', gid = '', ...path] = stdout.split('/')
  const where = path.join('/') === '' ? 'its directory' : JSON.stringify(path.join('/'))
  throw new ClusterError({
    code: 'INVALID_DEFINITION',
    service,
    ...complaint(plan, service, where, {
      ...{ type, mode, uid: Number(uid) - base, gid: Number(gid) - base },
    }),
  })
}

/** The owners that files of a state may have: the tree's root, which makes it, and the service's account. */
function allowed({ uids, owner, accounts, ...plan }: SessionPlan, service: string) {
  const { user = SESSION, group } = serviceOf(plan, service)
  // With one uid, the reader sees the same numbers as the tree
  if (uids === 'one') return { uids: [owner.uid], gids: [owner.gid], base: 0 }
  const { uid, gid } = own(accounts.users, user) ?? { uid: 0, gid: 0 }
  const named = group === undefined ? [] : [own(accounts.groups, group) ?? gid]
  // An ordinary user reads in a namespace with the tree's numbers
  const base = process.getuid?.() === 0 ? owner.uid : 0
  return { uids: [0, uid], gids: [0, gid, ...named], base }
}

interface Entry {
  readonly type: string
  readonly mode: string
  readonly uid: number
  readonly gid: number
}

function complaint(
  plan: SessionPlan,
  service: string,
  where: string,
  { type, mode, uid, gid }: Entry,
): { readonly message: string; readonly fix: string } {
  const special = TYPES[type]
  if (special) {
    return {
      message: `state.make left ${special} at ${where}, which cannot be kept for other sessions`,
      fix: 'Remove it at the end of state.make. The service can create it at its start.',
    }
  }
  const { accounts } = plan
  const { user = SESSION, group } = serviceOf(plan, service)
  const { uids, gids } = allowed(plan, service)
  const bits = Number.parseInt(mode, 8)
  if (type === 'f' && bits >= 0o2000 && uids.includes(uid) && gids.includes(gid)) {
    const [which, as] = bits >= 0o4000 ? ['set-user-ID', 'user'] : ['set-group-ID', 'group']
    return {
      message: `state.make left ${where} with mode ${mode}: a state cannot contain ${which} programs`,
      fix: `Run the program as that ${as}: set user or group in the definition, or pass a user to exec.`,
    }
  }
  const name = (ids: readonly (readonly [string, number])[], id: number) =>
    ids.find(([, number]) => number === id)?.[0] ?? `${id}`
  const users = Object.entries(accounts.users).map(([word, line]) => [word, line.uid] as const)
  const found = `${name(users, uid)}:${name(Object.entries(accounts.groups), gid)}`
  const given = group === undefined ? user : `${user}:${group}`
  return {
    message: `state.make left ${where} with the owner ${found} (${uid}:${gid}), but every file of a state belongs to ${given}`,
    fix: "Do not change owners in state.make. To change the owner of all files, set user and group in the definition. To change the owner of some, run chown as root in the service's command, before the program.",
  }
}
