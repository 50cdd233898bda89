/** What happens while a tree is built, for people. `progress` and `waiting` come often. */
export interface TreeEvent {
  /** The step: `debian trixie`. */
  readonly step: string
  /**
   * - `begin`: a step is being made.
   * - `progress`: what its program does now.
   * - `waiting`: another process makes the same step; this one waits for it.
   * - `note`: what a person should know, such as a file that was left out.
   * - `made`: the step is done.
   * - `cached`: the steps up to this one were in the cache.
   */
  readonly kind: 'begin' | 'progress' | 'waiting' | 'note' | 'made' | 'cached'
  /** One sentence for people. */
  readonly message: string
}

/** Receives what happens while a tree is built. */
export type TreeProgress = (event: TreeEvent) => void
