import { join } from 'node:path'

/** What a unit needs to run in a session's tree. Plain data. */
export interface Tree {
  /** The session's own directories: the unit's `RootDirectory=`. */
  readonly root: string
  /** What is shown in it from elsewhere. A path comes before those below it. */
  readonly mounts: readonly Mount[]
}

/** A path of the host shown in a tree. */
export interface Mount {
  /** Absolute, as the session's manager sees it. */
  readonly source: string
  /** Absolute, in the tree. */
  readonly target: string
  readonly writable: boolean
}

/**
 * The session's own directories, each shown on itself: what is mounted can be neither removed nor renamed (`EBUSY`,
 * rmdir(2), rename(2)). Programs remove what they find empty (Python's `os.removedirs`), and where there is one uid
 * all of it is theirs.
 */
export function kept(root: string, paths: readonly string[]): Mount[] {
  return paths.map((path) => ({
    source: join(root, path),
    target: join('/', path),
    writable: true,
  }))
}

/** In the order in which they can be mounted. */
export function inOrder(mounts: readonly Mount[]): Mount[] {
  return mounts.toSorted((a, b) => (a.target < b.target ? -1 : 1))
}

/** Shows a path read-only. */
export function mount(source: string, target: string): Mount {
  return { source, target, writable: false }
}
