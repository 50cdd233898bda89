import { readFile } from 'node:fs/promises'
import type { IsolationName } from '../definition/cluster.ts'
import { ClusterError, isClusterError } from '../errors.ts'
import { ISOLATIONS } from '../isolation/isolation.ts'
import type { Owner } from '../machine/owner.ts'
import { isTaken } from '../ports/reserve.ts'
import { shortageOf } from '../shortage/explain.ts'
import { cgroupMount } from '../systemd/cgroup.ts'
import { Manager } from '../systemd/manager.ts'
import type { Accounts } from '../root/accounts.ts'
import { type Keeper, managerLog } from '../lifetime/keeper.ts'
import { leaseUnits, tellSlice } from '../lifetime/lease.ts'
import { ManagerEnded, type OwnManager, startOwnManager } from './own-manager.ts'
import type { ManagerChoice } from './select-manager.ts'
import { builtTrees, type SessionTrees } from './trees.ts'

export interface ConnectedManager {
  /** Who the services are units of. */
  readonly manager: Manager
  /** The user's own manager, where it holds the lease; the same one where no other was needed. */
  readonly outer: Manager | undefined
  /** Where the manager's control groups are, on the host. */
  readonly cgroup: string
  /** Names of variables that the manager would hand to services. */
  readonly inherited: readonly string[]
}

export interface ConnectOptions {
  readonly choice: ManagerChoice
  readonly keeper: Keeper
  readonly isolation: IsolationName
  /** Who on the host owns the tree. */
  readonly owner: Owner
  readonly accounts: Accounts
  readonly trees: SessionTrees
  /** Settles when everything is there that a manager needs that boots the tree. */
  readonly bootable: Promise<unknown>
}

/** Whether the session has a manager of its own: the user's serves as long as nothing has to be mounted for all units. */
export function needsOwnManager(
  { kind }: ManagerChoice,
  isolation: IsolationName,
  trees: SessionTrees,
): boolean {
  const writable = builtTrees(trees).some((tree) => tree.writable)
  return kind === 'private' || isolation !== 'chroot' || writable
}

/** Connects to the session's manager and gives it the lease. @throws ClusterError `NO_MANAGER`, `MANAGER_LOST` */
export async function connectManager(options: ConnectOptions): Promise<ConnectedManager> {
  const { choice, keeper, isolation } = options
  const outer = choice.kind === 'user' ? await Manager.connect(choice.address) : undefined
  try {
    if (outer) await leaseUnits(outer, keeper.layout)
    if (outer) await tellSlice(outer, keeper)
    if (outer && !needsOwnManager(choice, isolation, options.trees)) {
      const [inherited, cgroup] = await Promise.all([outer.environment(), cgroupMount()])
      return { manager: outer, outer, cgroup, inherited }
    }
    const own = await started(options, outer)
    return { ...own, outer, inherited: await own.manager.environment() }
  } catch (error) {
    outer?.disconnect()
    throw error
  }
}

async function started(options: ConnectOptions, outer: Manager | undefined): Promise<OwnManager> {
  const { keeper, isolation, owner, accounts, trees, bootable } = options
  if (ISOLATIONS[isolation].inside) await bootable
  try {
    return await startOwnManager({ kind: isolation, owner, accounts, keeper, trees, outer })
  } catch (cause) {
    throw isClusterError(cause) ? cause : await privateFailure(keeper, cause)
  }
}

async function privateFailure(keeper: Keeper, cause: unknown): Promise<ClusterError> {
  const log = [
    ...(await managerLog(keeper.layout)),
    ...keeper.complaints().split('\n').filter(Boolean),
  ]
  const lost = cause instanceof ManagerEnded ? await takenPorts(keeper) : []
  if (lost.length > 0) {
    return new ClusterError(
      {
        code: 'PORT_LOST',
        message: `another program took port ${lost.join(', ')} before it was forwarded into the network of the tree`,
        mend: 'Something on this machine takes ports as fast as they are chosen: see ss -ltnp.',
        log,
      },
      { cause },
    )
  }
  const why = cause instanceof Error ? cause.message : String(cause)
  const failure = (lack?: { readonly found: string; readonly mend: string }) =>
    new ClusterError(
      {
        code: 'NO_MANAGER',
        message: `the session's own systemd manager did not start: ${lack ? `${lack.found} (${why})` : why}`,
        mend: lack?.mend ?? 'Its last lines say why.',
        log,
      },
      { cause },
    )
  const { directory } = keeper.layout
  const short = shortageOf(failure(), { directory, cgroup: keeper.cgroup })
  if (short) return short
  const { noNamespaces } = await import('../doctor/explain.ts')
  return failure(await noNamespaces())
}

/** Of the ports that were to be forwarded into a network of the tree's own, those that somebody listens on now. */
async function takenPorts({ layout }: Keeper): Promise<number[]> {
  const forward = await readFile(layout.forward, 'utf8').catch(() => '')
  const ports = forward.split('\n').filter(Boolean).map(Number)
  const taken = await Promise.all(ports.map(isTaken))
  return ports.filter((_, index) => taken[index])
}
