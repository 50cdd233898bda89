import { isDelegated, ownCgroup } from '../systemd/cgroup.ts'
import { wantedManager } from './wanted.ts'

/** Where a delegated control group comes from: one in which a private systemd may create groups. */
export type GroupSource =
  | { readonly from: 'user manager' }
  /** The caller creates the group in this directory. */
  | { readonly from: 'caller'; readonly directory: string }

/** Where this user gets a delegated control group, as for sessions; undefined where the user cannot have one. */
export async function groupSource(
  env: NodeJS.ProcessEnv,
  uid: number,
): Promise<GroupSource | undefined> {
  if ((await wantedManager(env, uid)) === 'user') return { from: 'user manager' }
  const directory = (await ownCgroup())?.replace(/\/$/, '')
  return directory && (await isDelegated(directory)) ? { from: 'caller', directory } : undefined
}
