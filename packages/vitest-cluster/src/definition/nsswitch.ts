import type { NameSources } from './names.ts'
import { also, type Check, list, matching, record, some } from './schema.ts'

const EXAMPLE = "Write nsswitch: { passwd: ['files', 'ldap'], group: ['files', 'ldap'] }."
const DATABASE = matching('a database of nsswitch.conf(5)', /^[a-z][a-z0-9_]{0,31}$/, EXAMPLE)
/** The C library loads libnss_SOURCE.so.2. */
const SOURCE = /^[A-Za-z0-9_][A-Za-z0-9_-]{0,63}$/
const ACTION =
  /^\[\s*(!?(SUCCESS|NOTFOUND|UNAVAIL|TRYAGAIN)=(return|continue|merge)(\s+(?!\])|\s*(?=\])))+\]$/i
/** Databases of which the session's own names are in files. */
const WITH_FILES = ['passwd', 'group', 'hosts']

/** Whether a word of a line of nsswitch.conf(5) is a source, and not an action. */
export function isSource(word: string): boolean {
  return SOURCE.test(word)
}

/** The lines of nsswitch.conf(5) of a definition. */
export const nsswitch: Check<NameSources> = record(
  DATABASE,
  also(
    some(
      list(
        matching(
          'a source or an action of nsswitch.conf(5)',
          new RegExp(`${SOURCE.source}|${ACTION.source}`, 'i'),
          `${EXAMPLE} An action follows the source that it is for: '[NOTFOUND=return]'.`,
        ),
        EXAMPLE,
      ),
      `Name its sources: ['files'].`,
    ),
    (words, name, refuse) => {
      const loose = words.find(
        (word, index) => !isSource(word) && !isSource(words[index - 1] ?? '['),
      )
      if (loose !== undefined)
        refuse(
          `${name} has the action ${loose} without a source before it`,
          "An action follows the source that it is for: ['ldap', '[NOTFOUND=return]', 'files'].",
        )
      const database = name.split('.').at(-1) ?? ''
      if (WITH_FILES.includes(database) && !words.includes('files'))
        refuse(
          `${name} lacks 'files'`,
          `The session's own names are in files: ${database}: ['files', ${words.map((word) => `'${word}'`).join(', ')}].`,
        )
    },
  ),
  EXAMPLE,
)

/** The sources that a service answers for: no actions. */
export const ownSources: Check<NameSources> = record(
  DATABASE,
  some(
    list(
      matching('a source of nsswitch.conf(5)', SOURCE, "Write nsswitch: { passwd: ['ldap'] }."),
      "Write nsswitch: { passwd: ['ldap'] }.",
    ),
    "Name its sources: ['ldap'].",
  ),
  "Write nsswitch: { passwd: ['ldap'] }.",
)
