import type { Account } from './service-fields.ts'

/** A group in the tree's group(5). */
export interface Group {
  /** The group's name. A group that the tree has already keeps its gid. */
  readonly name: string
  /** Its number, from 1 to 65 533; chosen by the session by default. Without effect if accounts share one uid. */
  readonly gid?: number
  /** Its members, besides accounts that name the group in their `groups`. Also users whom only another source has. */
  readonly members?: readonly string[]
}

/** Sources by database, such as `{ passwd: ['files', 'ldap'] }`. */
export type NameSources = Readonly<Record<string, readonly string[]>>

/** The users, groups and host names that programs of the trees look up. docs/names.md */
export interface NamesOptions {
  /** Accounts of the trees, besides those of services. */
  readonly accounts?: readonly Account[]
  /** Groups of the trees with a gid, or with members. */
  readonly groups?: readonly Group[]
  /** Further host names with their addresses: `{ 'hg.example.org': '127.0.0.1' }`. */
  readonly hosts?: Readonly<Record<string, string>>
  /**
   * Lines of nsswitch.conf(5), by database: sources in the order in which they are asked, and actions such as
   * `[NOTFOUND=return]`. A database that is left out keeps the session's sources.
   */
  readonly nsswitch?: NameSources
}
