import { accountsIn } from '../definition/check-ids.ts'
import type { Services } from '../definition/cluster.ts'
import type { NamesOptions } from '../definition/names.ts'
import type { Uids } from '../definition/service-fields.ts'
import { own } from '../own.ts'
import { checkGivenIds } from './given-ids.ts'
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
  /** Members of groups that the definition names, which may be users of another source than passwd(5). */
  readonly members: Readonly<Record<string, readonly string[]>>
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
 * Assigns ids to the accounts of a cluster: those that the definition gives, or unused ones. Pure.
 * Accounts of the tree keep their ids, because files of the tree have them. If there is only one uid, accounts have uid 0:
 * only services with logins need accounts, and these run in a user namespace that maps the session's uid to 0 (see the ssh
 * fixture). Everything else runs as `session`.
 * @throws ClusterError `INVALID_DEFINITION` if the tree has a given id under another name
 */
export function assignIds(
  services: Services,
  uids: Uids,
  owner: { readonly uid: number; readonly gid: number },
  tree: TreeAccounts = NO_ACCOUNTS,
  names: NamesOptions = {},
): Accounts {
  const many = uids === 'many'
  const declared = accountsIn(services, names)
  const accounts = declared.map(([account]) => account)
  const { groups: givenGroups = [] } = names
  checkGivenIds(declared, givenGroups, tree)
  const uidOf = new Map(accounts.flatMap(({ name, uid }) => (uid ? [[name, uid] as const] : [])))
  const ofTree = [...tree.users, ...tree.groups].flatMap((line) =>
    'uid' in line ? [line.uid, line.gid] : line.gid,
  )
  const taken = new Set([
    ...ofTree,
    ...uidOf.values(),
    ...givenGroups.flatMap(({ gid }) => gid ?? []),
  ])
  const sessionId = unused(SESSION_ID, taken, -1)
  const session = many ? { uid: sessionId, gid: sessionId } : owner
  const named = [
    ...accounts.flatMap((account) => account.groups ?? []),
    ...Object.values(services).flatMap((service) => service.group ?? []),
    ...givenGroups.map(({ name }) => name),
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
  for (const { name, gid } of givenGroups) {
    if (gid !== undefined && !groups.has(name)) groups.set(name, gid)
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
    const given = uidOf.get(name)
    const id = many ? (given ?? unused(next, taken, 1)) : 0
    if (many && given === undefined) next = id + 1
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
  for (const { name, home, shell, groups: further = [] } of accounts) {
    const user = users.get(name)
    if (!user || RESERVED.includes(name)) continue
    const numbers = [session.gid, ...further.map((group) => groups.get(group) ?? NOBODY)]
    users.set(name, {
      ...user,
      home: home ?? user.home,
      shell: shell ?? user.shell,
      groups: many ? [...new Set([...user.groups, ...numbers])] : [],
    })
  }
  for (const { name, members = [] } of many ? givenGroups : []) {
    const gid = groups.get(name) ?? NOBODY
    for (const member of members) {
      const user = users.get(member)
      if (user && !user.groups.includes(gid))
        users.set(member, { ...user, groups: [...user.groups, gid] })
    }
  }
  users.set('nobody', line(NOBODY, [], '/nonexistent', '/usr/sbin/nologin'))
  // Plain records: workers get them as data
  const members = givenGroups.flatMap(({ name, members = [] }) =>
    members.length > 0 ? [[name, members] as const] : [],
  )
  return {
    uids,
    users: Object.fromEntries(users),
    groups: Object.fromEntries(groups),
    members: Object.fromEntries(members),
  }
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
export function group({ users, groups, members }: Accounts): string {
  const lines = Object.entries(groups).map(([name, gid]) => {
    const accounts = Object.entries(users).flatMap(([user, identity]) =>
      identity.groups.includes(gid) ? user : [],
    )
    const all = new Set([...accounts, ...(own(members, name) ?? [])])
    return `${name}:x:${gid}:${[...all].join(',')}`
  })
  return `${lines.join('\n')}\n`
}
