/** What happens while a tree is built, for people. `progress` and `waiting` come often. */
export interface TreeEvent {
  /** The step: `debian trixie`. */
  readonly step: string
  readonly kind: 'begin' | 'progress' | 'waiting' | 'note' | 'made' | 'cached'
  readonly message: string
}

export type TreeProgress = (event: TreeEvent) => void
