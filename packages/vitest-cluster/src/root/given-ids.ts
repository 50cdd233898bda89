import type { accountsIn } from '../definition/check-ids.ts'
import type { Group } from '../definition/names.ts'
import { fail } from '../definition/refuse.ts'
import type { TreeAccounts } from './passwd.ts'

/**
 * Checks the ids that a definition gives against those of the trees, whose files have them.
 * @throws ClusterError `INVALID_DEFINITION`
 */
export function checkGivenIds(
  accounts: ReturnType<typeof accountsIn>,
  groups: readonly Group[],
  tree: TreeAccounts,
): void {
  const declared = new Map(groups.map(({ name, gid }) => [name, gid]))
  for (const [{ name, uid }, service] of accounts) {
    if (uid === undefined) continue
    const refuse = refusal(service, `account ${name}`, 'uid', uid)
    const same = tree.users.find((user) => user.name === name)
    if (same && same.uid !== uid) refuse(`has the uid ${same.uid}`)
    // An account of the tree keeps its group, too
    if (same) continue
    const other = tree.users.find((user) => user.uid === uid)
    if (other) refuse(`has that uid for ${other.name}`)
    if (declared.get(name) !== undefined || tree.groups.some((line) => line.name === name)) continue
    const taken = tree.groups.find(({ gid }) => gid === uid)
    if (taken)
      refuse(`has the group ${taken.name} with that number, which its own group would have`)
  }
  for (const { name, gid } of groups) {
    if (gid === undefined) continue
    const refuse = refusal(undefined, `group ${name}`, 'gid', gid)
    const same = tree.groups.find((group) => group.name === name)
    if (same && same.gid !== gid) refuse(`has the gid ${same.gid}`)
    const other = tree.groups.find((group) => group.gid === gid)
    if (other && other.name !== name) refuse(`has that gid for ${other.name}`)
  }
}

function refusal(service: string | undefined, who: string, what: 'uid' | 'gid', id: number) {
  return (found: string): never =>
    fail(
      'INVALID_DEFINITION',
      service,
      `${who} has ${what}: ${id}, but the tree ${found}`,
      `Files of the tree have its numbers. Give another ${what}, or leave it out; or create ${who} with this ${what} in a layer of the tree.`,
    )
}
