/** Something that happens while a tree is built. `progress` and `waiting` come often. */
export interface TreeEvent {
  /** The step's title: `debian trixie`. */
  readonly step: string
  /**
   * `begin`: the step begins. `progress`: its program printed something. `waiting`: another process makes the same step, and
   * this one waits for it. `note`: a person should know the message. `made`: the step is done. `cached`: the cache had this
   * step and those below.
   */
  readonly kind: 'begin' | 'progress' | 'waiting' | 'note' | 'made' | 'cached'
  /** One sentence for people. */
  readonly message: string
}

/** Receives what happens while a tree is built. */
export type TreeProgress = (event: TreeEvent) => void
