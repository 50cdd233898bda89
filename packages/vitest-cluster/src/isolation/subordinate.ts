import { readFile } from 'node:fs/promises'
import { userInfo } from 'node:os'

/** The first range of subordinate ids that a file grants to a user: what `unshare --map-auto` takes (subuid(5)). */
export function subordinateRange(
  text: string,
  user: { readonly name: string | undefined; readonly uid: number },
): { readonly first: number; readonly count: number } | undefined {
  for (const line of text.split('\n')) {
    const [owner, first, count] = line.trim().split(':')
    if (owner !== user.name && owner !== `${user.uid}`) continue
    const range = { first: Number(first), count: Number(count) }
    if (Number.isInteger(range.first) && range.count > 0) return range
  }
  return undefined
}

/** How many subordinate uids and gids the caller has: the smaller number. */
export async function subordinateCount(): Promise<number> {
  const user = { name: userName(), uid: process.getuid?.() ?? 0 }
  const counts = ['/etc/subuid', '/etc/subgid'].map(async (path) => {
    const text = await readFile(path, 'utf8').catch(() => '')
    return subordinateRange(text, user)?.count ?? 0
  })
  return Math.min(...(await Promise.all(counts)))
}

/** The caller's name; a uid of a container may have none. */
function userName(): string | undefined {
  try {
    return userInfo().username
  } catch {
    return undefined
  }
}
