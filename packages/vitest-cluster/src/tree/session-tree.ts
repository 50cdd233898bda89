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

/** Shows a path read-only. */
export function mount(source: string, target: string): Mount {
  return { source, target, writable: false }
}
