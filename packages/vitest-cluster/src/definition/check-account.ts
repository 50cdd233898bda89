import { type Refuse, shown } from './refuse.ts'
import type { Account } from './service.ts'
import { absolutePathProblem, isPlain, UNUSABLE } from './words.ts'

const ACCOUNT = /^[A-Za-z0-9_][A-Za-z0-9_.+@-]{0,63}$/
const NAMES = 'Use letters, digits and _ . + @ -, 64 characters at most.'
const FIELDS = ['name', 'groups', 'home', 'shell']
/** What every tree has, as it is. */
const RESERVED = ['root', 'session', 'nobody']

/** Checks the name of an account or a group. */
export function checkAccountName(what: string, value: unknown, refuse: Refuse): string {
  if (value === UNUSABLE)
    refuse(`${what} ${shown(value)}, which JavaScript keeps for itself`, 'Rename it.')
  if (typeof value === 'string' && ACCOUNT.test(value)) return value
  return refuse(`${what} ${shown(value)}`, NAMES)
}

/** Checks a login name: each of its fields becomes one of a line of passwd(5). */
export function checkedAccount(value: unknown, refuse: Refuse): Account {
  if (!isPlain(value)) {
    return refuse(
      `has an account that is none: ${shown(value)}`,
      "Write accounts: [{ name: 'www' }].",
    )
  }
  const unknown = Object.keys(value).find((key) => !FIELDS.includes(key))
  if (unknown !== undefined)
    refuse(`has an account with ${shown(unknown)}`, `An account has ${FIELDS.join(', ')}.`)
  const { groups, home, shell } = value
  const name = checkAccountName('names an account or a group', value['name'], refuse)
  if (groups !== undefined && !Array.isArray(groups))
    refuse(`account ${name} has groups: ${shown(groups)}`, "Write groups: ['log'].")
  const names = ((groups ?? []) as unknown[]).map((group) =>
    checkAccountName('names an account or a group', group, refuse),
  )
  for (const [field, path] of Object.entries({ home, shell })) {
    if (path === undefined) continue
    const problem = absolutePathProblem(path) ?? (String(path).includes(':') ? 'has a : in it' : '')
    if (problem) {
      refuse(
        `account ${name} has ${field}: ${shown(path)}, which ${problem}`,
        `Give a path of the tree, such as ${field}: '${field === 'home' ? `/home/${name}` : '/bin/sh'}': it is a field of passwd(5).`,
      )
    }
  }
  if (RESERVED.includes(name) && Object.keys(value).length > 1)
    refuse(`changes account ${name}, which every tree has as it is`, 'Give it another name.')
  return {
    name,
    ...(groups !== undefined && { groups: names }),
    ...(home !== undefined && { home: home as string }),
    ...(shell !== undefined && { shell: shell as string }),
  }
}
