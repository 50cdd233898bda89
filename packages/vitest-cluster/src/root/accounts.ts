import type { Services } from '../definition/cluster.ts'
import type { Uids } from '../definition/service-fields.ts'
import type { TreeAccounts } from './passwd.ts'

/** A line of passwd(5), with the groups that group(5) adds. */
export interface Identity {
  readonly uid: number
  readonly gid: number
  readonly groups: readonly number[]
  readonly home: string
  readonly shell: string
}

/** The users and groups of a session's tree. Plain data. */
export interface Accounts {
  readonly uids: Uids
  readonly users: Readonly<Record<string, Identity>>
  readonly groups: Readonly<Record<string, number>>
}

/** The account of services that name no other, and the group that every account is in. */
export const SESSION = 'session'
const SESSION_ID = 999
/** The first ids of accounts, and of further groups. */
const FIRST_USER = 1000
const FIRST_GROUP = 5000
const NOBODY = 65_534

const NO_ACCOUNTS: TreeAccounts = { users: [], groups: [] }

/**
 * Assigns ids to the accounts of a cluster. Pure.
 * Accounts of the tree keep their ids, because files of the tree have them. If there is only one uid, accounts have uid 0:
 * only services with logins need accounts, and these run in a user namespace that maps the session's uid to 0 (see the ssh
 * fixture). Everything else runs as `session`.
 */
export function assignIds(
  services: Services,
  uids: Uids,
  owner: { readonly uid: number; readonly gid: number },
  tree: TreeAccounts = NO_ACCOUNTS,
): Accounts {
  const many = uids === 'many'
  const taken = new Set(
    [...tree.users, ...tree.groups].flatMap((line) =>
      'uid' in line ? [line.uid, line.gid] : line.gid,
    ),
  )
  const sessionId = unused(SESSION_ID, taken, -1)
  const session = many ? { uid: sessionId, gid: sessionId } : owner
  const accounts = Object.values(services).flatMap((service) => service.accounts ?? [])
  const named = [
    ...accounts.flatMap((account) => account.groups ?? []),
    ...Object.values(services).flatMap((service) => service.group ?? []),
  ]
  const users = new Map<string, Identity>([
    ['root', { uid: 0, gid: 0, groups: [], home: '/root', shell: '/bin/sh' }],
    [SESSION, { ...session, groups: [], home: `/home/${SESSION}`, shell: '/bin/sh' }],
  ])
  const groups = new Map([
    ['root', 0],
    [SESSION, session.gid],
    ['nogroup', NOBODY],
  ])
  for (const { name, gid } of tree.groups) {
    // With only one uid a terminal cannot be given to the group tty, and a login with a terminal would fail (chown(2))
    if (!groups.has(name) && (many || name !== 'tty')) groups.set(name, gid)
  }
  for (const { name, uid, gid, home, shell } of tree.users) {
    if (users.has(name) || name === 'nobody') continue
    const others = tree.groups.filter(({ members }) => members.includes(name))
    users.set(name, { uid, gid, groups: others.map((group) => group.gid), home, shell })
  }
  let next = FIRST_USER
  for (const { name } of accounts) {
    if (name === 'nobody' || name === SESSION || name === 'root') continue
    const known = users.get(name)
    if (known) {
      if (!many) users.set(name, { ...known, uid: 0, gid: 0, groups: [] })
      continue
    }
    const id = many ? unused(next, taken, 1) : 0
    if (many) next = id + 1
    const user = line(id, [], `/home/${name}`, '/bin/sh')
    if (many && !groups.has(name)) groups.set(name, id)
    // The tree may have a group of this name, but no user
    users.set(name, many ? { ...user, gid: groups.get(name) ?? id } : user)
  }
  let nextGroup = FIRST_GROUP
  for (const name of named) {
    if (groups.has(name)) continue
    const id = unused(nextGroup, taken, 1)
    groups.set(name, id)
    nextGroup = id + 1
  }
  for (const { name, home, shell, groups: own = [] } of accounts) {
    const user = users.get(name)
    if (!user || RESERVED.includes(name)) continue
    const numbers = [session.gid, ...own.map((group) => groups.get(group) ?? NOBODY)]
    users.set(name, {
      ...user,
      home: home ?? user.home,
      shell: shell ?? user.shell,
      groups: many ? [...new Set([...user.groups, ...numbers])] : [],
    })
  }
  users.set('nobody', line(NOBODY, [], '/nonexistent', '/usr/sbin/nologin'))
  // Plain records: workers get them as data
  return { uids, users: Object.fromEntries(users), groups: Object.fromEntries(groups) }
}

/** The next unused id, counted up or down from `from`. */
function unused(from: number, taken: ReadonlySet<number>, step: 1 | -1): number {
  let id = from
  while (taken.has(id)) id += step
  return id
}

const RESERVED = ['root', SESSION, 'nobody']

function line(id: number, groups: readonly number[], home: string, shell: string): Identity {
  return { uid: id, gid: id, groups, home, shell }
}

/** passwd(5). */
export function passwd({ users }: Accounts): string {
  const lines = Object.entries(users).map(
    ([name, { uid, gid, home, shell }]) => `${name}:x:${uid}:${gid}:${name}:${home}:${shell}`,
  )
  return `${lines.join('\n')}\n`
}

/** group(5). */
export function group({ users, groups }: Accounts): string {
  const lines = Object.entries(groups).map(([name, gid]) => {
    const members = Object.entries(users).flatMap(([user, identity]) =>
      identity.groups.includes(gid) ? user : [],
    )
    return `${name}:x:${gid}:${members.join(',')}`
  })
  return `${lines.join('\n')}\n`
}
