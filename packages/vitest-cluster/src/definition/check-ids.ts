import type { Services } from './cluster.ts'
import type { NamesOptions } from './names.ts'
import { fail } from './refuse.ts'
import type { Account } from './service-fields.ts'

/** An account with the service that declares it; undefined for the cluster's own. */
type Declared = readonly [account: Account, service: string | undefined]

/** All accounts of a cluster: those of its services, then its own. */
export function accountsIn(services: Services, names: NamesOptions | undefined): Declared[] {
  const ofServices = Object.entries(services).flatMap(([service, { accounts = [] }]) =>
    accounts.map((account): Declared => [account, service]),
  )
  return [...ofServices, ...(names?.accounts ?? []).map((each): Declared => [each, undefined])]
}

/**
 * Checks that the given uids and gids of a cluster are different, and that its host names are not those of services.
 * @throws ClusterError `INVALID_DEFINITION`
 */
export function checkIds(services: Services, names: NamesOptions | undefined): void {
  const all = accountsIn(services, names)
  checkSame(all)
  const uids = new Map<number, string>()
  const gids = new Map<number, string>()
  const groups = new Map(names?.groups?.map(({ name, gid }) => [name, gid]))
  for (const [name, gid] of groups) if (gid !== undefined) unique(gids, gid, name, 'gid')
  for (const [{ name, uid }, service] of all) {
    if (uid === undefined) continue
    unique(uids, uid, name, 'uid', service)
    // The group of the account's name has the same number, unless it has a gid of its own
    if (groups.get(name) === undefined) unique(gids, uid, name, 'gid', service)
  }
  for (const host of Object.keys(names?.hosts ?? {})) {
    const service = Object.keys(services).find((each) => each.toLowerCase() === host.toLowerCase())
    if (service === undefined) continue
    fail(
      'INVALID_DEFINITION',
      service,
      `names.hosts has the name of the service ${service}, which is 127.0.0.1 in every tree`,
      'Rename the service, or remove the name from names.hosts.',
    )
  }
}

/** Several services may declare one account, but not with different uids. */
function checkSame(all: readonly Declared[]): void {
  const seen = new Map<string, number>()
  for (const [{ name, uid }, service] of all) {
    if (uid === undefined) continue
    const other = seen.get(name) ?? uid
    seen.set(name, uid)
    if (other === uid) continue
    fail(
      'INVALID_DEFINITION',
      service,
      `account ${name} has uid: ${uid} here and uid: ${other} elsewhere in the cluster`,
      'Write the same uid in both places, or in one of them only.',
    )
  }
}

function unique(
  ids: Map<number, string>,
  id: number,
  name: string,
  what: 'uid' | 'gid',
  service?: string,
): void {
  const other = ids.get(id) ?? name
  ids.set(id, name)
  if (other === name) return
  fail(
    'INVALID_DEFINITION',
    service,
    `${other} and ${name} both have the ${what} ${id}`,
    what === 'uid'
      ? 'Give each account a uid of its own.'
      : 'Give each group a gid of its own; an account with a uid has a group of its name with the same number.',
  )
}
