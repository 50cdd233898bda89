import { a, also, list, object, optional, valid } from './schema.ts'
import type { Account } from './service-fields.ts'
import { absolutePathProblem, UNUSABLE } from './words.ts'

const NAME = /^[A-Za-z0-9_][A-Za-z0-9_.+@-]{0,63}$/
/** Accounts that every tree has and that cannot be changed. */
const RESERVED = ['root', 'session', 'nobody']

/** The name of an account or a group. */
export const accountName = valid((name) => {
  if (name === UNUSABLE) return 'is reserved by JavaScript'
  return typeof name === 'string' && NAME.test(name)
    ? undefined
    : 'is not a name for an account or a group'
}, 'Use letters, digits and _ . + @ -, 64 characters at most.')

/** The highest uid and gid below those of nobody; an isolation with uids of their own has 65 536. */
const LAST_ID = 65_533

/** A uid or gid that the definition chooses. */
export function givenId(what: 'uid' | 'gid') {
  return a<number>(
    `a ${what}`,
    (id) => Number.isInteger(id) && (id as number) > 0 && (id as number) <= LAST_ID,
    `Write a whole number from 1 to ${LAST_ID}, such as ${what}: 500: 0 is root, 65534 nobody, and a tree has 65536 ids.`,
  )
}

/** An account: its fields become fields of a line of passwd(5). */
export const account = also(
  object<Account>({
    name: accountName,
    uid: optional(givenId('uid')),
    groups: optional(list(accountName, "Write groups: ['log'].")),
    home: optional(field("home: '/home/www'")),
    shell: optional(field("shell: '/bin/sh'")),
  }),
  (account, name, refuse) => {
    if (RESERVED.includes(account.name) && Object.keys(account).length > 1) {
      const message = `${name} changes the account ${account.name}, which is the same in every tree`
      refuse(message, 'Give the account another name.')
    }
  },
)

function field(example: string) {
  return valid(
    (path) =>
      absolutePathProblem(path) ?? (String(path).includes(':') ? 'has a : in it' : undefined),
    `Give a path of the tree without a colon, such as ${example}.`,
  )
}
