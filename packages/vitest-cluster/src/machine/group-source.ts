import { isDelegated, ownCgroup } from '../systemd/cgroup.ts'
import { wantedManager } from './wanted.ts'

/** Where a control group comes from that a systemd of one's own may divide. */
export type GroupSource =
  | { readonly from: 'user manager' }
  /** Made in this directory, by whoever needs it. */
  | { readonly from: 'caller'; readonly directory: string }

/** Says where this user gets a control group, as his sessions do; undefined where nobody gives him one. */
export async function groupSource(
  env: NodeJS.ProcessEnv,
  uid: number,
): Promise<GroupSource | undefined> {
  if ((await wantedManager(env, uid)) === 'user') return { from: 'user manager' }
  const directory = (await ownCgroup())?.replace(/\/$/, '')
  return directory && (await isDelegated(directory)) ? { from: 'caller', directory } : undefined
}
