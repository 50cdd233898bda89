import { quoted, tooLong } from '../../disk/names.ts'
import { badArchive } from './bad-archive.ts'
import type { Header } from './tar.ts'

/** The fields of a member of a tar that are checked, see scanTar. */
export interface Member extends Omit<Header, 'type'> {
  readonly type: string | null
  readonly pax?: Readonly<Record<string, string>> | null | undefined
}

/** The highest uid and gid in a tree: its namespace has 65536. */
const LAST_ID = 65_535

/**
 * The components of a name that must stay inside of the tree: a member's own, or that of its hard link's target.
 * @throws ClusterError `TREE_ARCHIVE`
 */
export function partsOf(name: string, member: Member, which: 'own' | 'linked'): readonly string[] {
  const about = which === 'own' ? 'has' : `is a hard link to ${quoted(name)},`
  if (name.startsWith('/')) refuse(member, `${about} an absolute name`)
  const names = name.split('/').filter((part) => part !== '' && part !== '.')
  if (names.includes('..')) refuse(member, `${about} a name with '..'`)
  const long = tooLong(names.join('/'))
  if (long !== undefined) refuse(member, long, 'Create the archive again with shorter names.')
  return names
}

/** The name of a sparse file, whose header has a different one (tar's manual, "PAX Format, Version 1.0"). */
export function sparseName({ pax }: Member): string | undefined {
  return pax?.['GNU.sparse.name']
}

/** Checks that the owner's ids exist in a tree. @throws ClusterError `TREE_ARCHIVE` */
export function checkOwner(member: Member): void {
  for (const key of ['uid', 'gid'] as const) {
    const id = Number(member.pax?.[key] ?? member[key])
    if (id >= 0 && id <= LAST_ID) continue
    refuse(
      member,
      `belongs to ${key} ${id}, but the highest ${key} of a tree is ${LAST_ID}`,
      'Create the archive again with other owners: tar --numeric-owner --owner=0 --group=0 -C ROOT -c .',
    )
  }
}

/** @throws ClusterError `TREE_ARCHIVE` */
export function refuse(member: Member, what: string, fix?: string): never {
  throw badArchive(
    `its member ${quoted(member.name)} ${what}`,
    fix ??
      'Nothing of the archive is kept. Use an archive from a source that you trust, or create it again: tar --numeric-owner -C ROOT -c .',
  )
}
