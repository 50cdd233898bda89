/** One step of a tree that is there. */
export interface BuiltStep {
  readonly title: string
  /** Undefined for one below what was needed: nobody looked. */
  readonly key: string | undefined
  readonly state: 'cached' | 'made'
  /** Milliseconds that it took when it was made. */
  readonly took: number
}

/** A tree that is there, whole, held by this process until it ends or lets go. */
export interface BuiltTree {
  /** The directory with its files. Nobody may write to it. */
  readonly path: string
  /** Says what is in it: the same for the same paths, modes, owners and contents. 64 hexadecimal digits. */
  readonly digest: string
  /** Its entry in the cache; undefined for a directory of somebody else's. */
  readonly key: string | undefined
  readonly steps: readonly BuiltStep[]
  /** Milliseconds that making the cached steps took once. */
  readonly saved: number
  /** Says that a session uses it, for as long as its directory is there. */
  lend(id: string, directory: string): Promise<void>
  /** Lets go of it: `vitest-cluster clean` may then remove it. */
  release(): Promise<void>
}
