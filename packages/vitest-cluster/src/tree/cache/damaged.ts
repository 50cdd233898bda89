import { ClusterError } from '../../errors.ts'
import type { Entry } from './entry.ts'

/** The error for a tree of which a path is not as it was made. */
export function damagedEntry({ key, title }: Entry, path: string): ClusterError {
  return new ClusterError({
    code: 'TREE_DAMAGED',
    step: title,
    message: `the tree in the cache is not as it was made: ${path} has changed`,
    mend: `npx vitest-cluster clean --tree ${key.slice(0, 12)}   # it is made again on the next run`,
  })
}

/** The error for a tree whose record nobody can read, and that cannot make way for a new one. */
export function unreadableEntry(key: string, users: readonly string[]): ClusterError {
  return new ClusterError({
    code: 'TREE_DAMAGED',
    message: `what the cache knows of this tree cannot be read, and ${users.join(', ') || 'somebody'} uses it`,
    mend: `npx vitest-cluster list   # the sessions that are up: when that one is down, run again\nnpx vitest-cluster clean --tree ${key.slice(0, 12)}`,
  })
}
