import type { IsolationName } from '../definition/cluster.ts'
import type { Need, Uids } from '../definition/service-fields.ts'

/** A way for a unit to get its tree (docs/isolation.md). */
export interface Isolation {
  readonly name: IsolationName
  readonly uids: Uids
  /** Whether the session's services are units of the tree's own `systemd --system`, its PID 1. */
  readonly boots: boolean
  /** Whether the manager itself runs inside the tree, so that its units are in the tree without settings. */
  readonly inside: boolean
  /** The needs of services that it meets. */
  readonly gives: readonly Need[]
}

/** In the order in which `'auto'` tries them: the cheapest first. */
export const ISOLATIONS: Readonly<Record<IsolationName, Isolation>> = {
  chroot: { name: 'chroot', uids: 'one', boots: false, inside: false, gives: [] },
  range: { name: 'range', uids: 'many', boots: false, inside: true, gives: ['uids'] },
  boot: { name: 'boot', uids: 'many', boots: true, inside: true, gives: ['uids', 'systemd'] },
  nspawn: { name: 'nspawn', uids: 'many', boots: true, inside: true, gives: ['uids', 'systemd'] },
}
