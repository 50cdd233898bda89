import { account, accountName, givenId } from './check-account.ts'
import type { Group, NamesOptions } from './names.ts'
import { nsswitch } from './nsswitch.ts'
import { refuseFor, shown } from './refuse.ts'
import { also, list, object, optional, record, valid } from './schema.ts'

const GROUPS = "Write groups: [{ name: 'scm', gid: 5001, members: ['alice'] }]."
const HOSTS = "Write hosts: { 'hg.example.org': '127.0.0.1' }."
/** RFC 1123, section 2.1; underscores are not allowed there, but in use. */
const LABEL = /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/i
/** Groups that every tree has and that cannot be changed. */
const RESERVED = ['root', 'session', 'nogroup']

/** Whether programs can look a name up in hosts(5). */
export function isHostName(name: unknown): name is string {
  return (
    typeof name === 'string' &&
    name.length <= 253 &&
    name.split('.').every((label) => LABEL.test(label)) &&
    // Programs read these as addresses (inet_aton(3))
    !/^[\d.]+$|^0x[\da-f]+$/i.test(name)
  )
}

const HOST_NAME = also(
  valid((name) => (isHostName(name) ? undefined : 'is not a host name'), HOSTS),
  (name, place, refuse) =>
    name.toLowerCase() !== 'localhost' ||
    refuse(`${place} is localhost, which every tree has`, 'Remove it, or use another name.'),
)

const ADDRESS = valid((address) => {
  // Not imported: most definitions have no addresses
  const { isIP } = process.getBuiltinModule('node:net')
  return typeof address === 'string' && isIP(address) ? undefined : 'is not an IP address'
}, HOSTS)

const GROUP = also(
  object<Group>(
    {
      name: accountName,
      gid: optional(givenId('gid')),
      members: optional(list(accountName, "Write members: ['alice'].")),
    },
    GROUPS,
  ),
  (group, name, refuse) =>
    !RESERVED.includes(group.name) ||
    refuse(
      `${name} changes the group ${group.name}, which is the same in every tree`,
      'Give the group another name.',
    ),
)

/** Whether names fit together with the services is checked in check-ids.ts. */
const NAMES = object<NamesOptions>({
  accounts: optional(list(account, "Write accounts: [{ name: 'hg', uid: 500 }].")),
  groups: optional(
    also(list(GROUP, GROUPS), (groups, name, refuse) => {
      const twice = repeated(groups.map((group) => group.name))
      if (twice !== undefined)
        refuse(`${name} has the group ${twice} twice`, 'Write each group once, with all members.')
    }),
  ),
  hosts: optional(
    also(record(HOST_NAME, ADDRESS, HOSTS), (hosts, name, refuse) => {
      const twice = repeated(Object.keys(hosts).map((host) => host.toLowerCase()))
      if (twice !== undefined)
        refuse(
          `${name} has ${shown(twice)} twice: host names are case-insensitive`,
          'Write each name once.',
        )
    }),
  ),
  nsswitch: optional(nsswitch),
})

/**
 * The checked names of a cluster, with those of the cluster that it extends. Its own host names and sources win.
 * @throws ClusterError `INVALID_DEFINITION`
 */
export function checkedNames(given: unknown, base?: NamesOptions): NamesOptions | undefined {
  if (given === undefined) return base
  const refuse = refuseFor(undefined)
  const own = NAMES(given, 'names', refuse)
  if (!base) return own
  // Checked again: both may have a group of one name
  return NAMES(
    {
      accounts: [...(base.accounts ?? []), ...(own.accounts ?? [])],
      groups: [...(base.groups ?? []), ...(own.groups ?? [])],
      hosts: { ...base.hosts, ...own.hosts },
      nsswitch: { ...base.nsswitch, ...own.nsswitch },
    },
    'names',
    refuse,
  )
}

function repeated(words: readonly string[]): string | undefined {
  return words.find((word, index) => words.indexOf(word) < index)
}
