import { quoted, tooLong } from '../../disk/names.ts'
import { ClusterError } from '../../errors.ts'

/** What is looked at of a member of a tar, see scanTar. */
export interface Member {
  readonly name: string
  readonly type: string | null
  readonly linkname: string | null
  readonly size: number
  readonly uid: number
  readonly gid: number
  readonly pax?: unknown
}

/** Accounts of a tree have the numbers up to that: its namespace has 65536. */
const LAST_ID = 65_535

/**
 * The components of a name that stays inside: a member's own, or that of the file which it is a hard link to.
 * @throws ClusterError `TREE_ARCHIVE`
 */
export function partsOf(name: string, member: Member, which: 'own' | 'linked'): readonly string[] {
  const about = which === 'own' ? 'has' : `is a hard link to ${quoted(name)},`
  if (name.startsWith('/')) refuse(member, `${about} an absolute name`)
  const names = name.split('/').filter((part) => part !== '' && part !== '.')
  if (names.includes('..')) refuse(member, `${about} a name with '..'`)
  const long = tooLong(names.join('/'))
  if (long !== undefined) refuse(member, long, 'Make the archive anew with shorter names.')
  return names
}

/** The name of a file with holes in it, whose header has another one (tar's manual, "PAX Format, Version 1.0"). */
export function sparseName({ pax }: Member): string | undefined {
  return (pax as Readonly<Record<string, string>> | null | undefined)?.['GNU.sparse.name']
}

/** Sees that a tree has its owner. @throws ClusterError `TREE_ARCHIVE` */
export function checkOwner(member: Member): void {
  const pax = (member.pax ?? {}) as Readonly<Record<string, string>>
  for (const key of ['uid', 'gid'] as const) {
    const id = Number(pax[key] ?? member[key])
    if (id >= 0 && id <= LAST_ID) continue
    refuse(
      member,
      `belongs to ${key} ${id}, and a tree has those up to ${LAST_ID}`,
      'Make the archive anew with other owners: tar --numeric-owner --owner=0 --group=0 -C ROOT -c .',
    )
  }
}

/** @throws ClusterError `TREE_ARCHIVE` */
export function refuse(member: Member, what: string, mend?: string): never {
  throw new ClusterError({
    code: 'TREE_ARCHIVE',
    message: `its member ${quoted(member.name)} ${what}`,
    mend:
      mend ??
      'Nothing of it is kept. Take one from a source that you trust, or make it anew: tar --numeric-owner -C ROOT -c .',
  })
}
