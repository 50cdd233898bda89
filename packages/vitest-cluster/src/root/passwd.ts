import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { resolveInside } from '../disk/inside.ts'

/** The accounts of a tree, by its passwd(5) and group(5). */
export interface TreeAccounts {
  readonly users: readonly PasswdLine[]
  readonly groups: readonly GroupLine[]
}

export interface PasswdLine {
  readonly name: string
  readonly uid: number
  readonly gid: number
  readonly home: string
  readonly shell: string
}

export interface GroupLine {
  readonly name: string
  readonly gid: number
  readonly members: readonly string[]
}

/** Reads a tree's accounts; none where it has no such files. */
export async function readAccounts(root: string): Promise<TreeAccounts> {
  const text = async (path: string) => {
    const resolved = resolveInside(root, path)
    return resolved === undefined ? '' : readFile(join(root, resolved), 'utf8').catch(() => '')
  }
  const [users, groups] = await Promise.all([text('etc/passwd'), text('etc/group')])
  return {
    users: lines(users).flatMap(([name, , uid, gid, , home = '', shell = '']) =>
      name && isId(uid) && isId(gid)
        ? [{ name, uid: Number(uid), gid: Number(gid), home, shell }]
        : [],
    ),
    groups: lines(groups).flatMap(([name, , gid, members = '']) =>
      name && isId(gid)
        ? [{ name, gid: Number(gid), members: members.split(',').filter(Boolean) }]
        : [],
    ),
  }
}

function isId(text: string | undefined): boolean {
  return text !== undefined && /^\d+$/.test(text)
}

function lines(text: string): string[][] {
  return text
    .split('\n')
    .flatMap((line) => (line && !line.startsWith('#') ? [line.split(':')] : []))
}
