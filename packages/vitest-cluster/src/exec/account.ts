import { ClusterError } from '../errors.ts'
import { own } from '../own.ts'
import type { ServicePlan, SessionGround } from '../plan/session-plan.ts'
import { SESSION } from '../root/accounts.ts'

/** The user and the group that a program runs as, and the variables that follow from them. */
export interface ExecAccount {
  readonly user: string
  readonly group: string | undefined
  readonly env: Readonly<Record<string, string>>
}

/**
 * The service's own account, or the one that the caller names, whose home is then HOME.
 * @throws ClusterError `EXEC_FAILED` for an account or group that does not exist, or that cannot be used
 */
export function execAccount(
  { accounts }: Pick<SessionGround, 'accounts'>,
  service: Pick<ServicePlan, 'name' | 'user' | 'group'>,
  { user, group }: { readonly user?: string | undefined; readonly group?: string | undefined },
): ExecAccount {
  const { user: usual = SESSION } = service
  if ((user ?? usual) === usual && (group ?? service.group) === service.group)
    return { user: usual, group: service.group, env: {} }
  const refuse = (message: string, fix: string) =>
    new ClusterError({
      code: 'EXEC_FAILED',
      service: service.name,
      message: `exec: ${message}`,
      fix,
    })
  if (accounts.uids !== 'many') {
    const named = user ?? `${usual}:${group}`
    const fix =
      "Remove user and group, or write isolation: 'range' or 'boot' in the cluster's definition."
    throw refuse(`cannot run as '${named}', because all accounts share one uid`, fix)
  }
  const identity = own(accounts.users, user ?? usual)
  if (!identity) {
    const fix = `Its accounts: ${Object.keys(accounts.users).join(', ')}.`
    throw refuse(`the tree has no account '${user}'`, fix)
  }
  if (group !== undefined && own(accounts.groups, group) === undefined) {
    const fix = `Its groups: ${Object.keys(accounts.groups).join(', ')}.`
    throw refuse(`the tree has no group '${group}'`, fix)
  }
  const env = user === undefined || user === usual ? {} : { HOME: identity.home }
  return {
    user: user ?? usual,
    group: group ?? (user === undefined ? service.group : undefined),
    env,
  }
}
