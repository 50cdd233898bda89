import { randomInt } from 'node:crypto'
import type { Uids } from '../definition/service-fields.ts'

/** Who on the host owns a session's tree. */
export interface Owner {
  readonly uid: number
  readonly gid: number
}

/** The length of a range of uids: those up to `nobody` (65534), and 65535 (https://systemd.io/UIDS-GIDS). */
const RANGE = 65_536
/** systemd's uids for containers, and those for dynamic users: no account has one of them. */
const CONTAINERS = { first: 524_288, last: 1_879_048_191 }
/** Trees that root builds belong to the last range: no session's own range overlaps it. */
export const TREE_BASE = CONTAINERS.last + 1 - RANGE
const DYNAMIC = { first: 61_184, last: 65_519 }

/**
 * The caller. For root an unprivileged uid of the session's own, or the first of a range, so that no service runs as root.
 * @param ofCache whether the session's tree is in the cache: then a session of root runs as the owner of that tree
 */
export function chooseOwner(uids: Uids, ofCache: boolean): Owner {
  const uid = process.getuid?.() ?? 0
  if (uid !== 0) return { uid, gid: process.getgid?.() ?? 0 }
  if (ofCache) return { uid: TREE_BASE, gid: TREE_BASE }
  const id =
    uids === 'one'
      ? randomInt(DYNAMIC.first, DYNAMIC.last + 1)
      : RANGE * randomInt(CONTAINERS.first / RANGE, TREE_BASE / RANGE)
  return { uid: id, gid: id }
}
