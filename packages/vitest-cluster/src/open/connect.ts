import { readFile } from 'node:fs/promises'
import { ClusterError, isClusterError, saysWhy } from '../errors.ts'
import { ISOLATIONS } from '../isolation/isolation.ts'
import { type Keeper, managerLog } from '../lifetime/keeper.ts'
import { leaseUnits, tellSlice } from '../lifetime/lease.ts'
import type { SessionGround } from '../plan/session-plan.ts'
import { isTaken } from '../ports/reserve.ts'
import { shortageOf } from '../shortage/explain.ts'
import type { Manager } from '../systemd/manager.ts'
import { ManagerEnded, type OwnManagerOptions, startOwnManager } from './own-manager.ts'

/**
 * Connects to the session's manager. If that is not the user's own, and the user's own runs, the latter gets the lease.
 * @param made settles when the session's root is made and its ports are known; a manager that mounts files of it waits
 * @throws ClusterError `NO_MANAGER`, `MANAGER_LOST`
 */
export async function connectManager(
  plan: SessionGround,
  { keeper, outer }: OwnManagerOptions,
  made: Promise<unknown>,
): Promise<Manager> {
  if (outer) await leaseUnits(outer, plan)
  if (outer) await tellSlice(outer, keeper)
  if (outer && !plan.manager.own) return outer
  const hasEtc = Object.values(plan.trees).some(({ etc }) => etc !== undefined)
  if (ISOLATIONS[plan.isolation].inside || hasEtc) await made
  try {
    return await startOwnManager(plan, { keeper, outer })
  } catch (cause) {
    throw isClusterError(cause) ? cause : await privateFailure(keeper, cause)
  }
}

async function privateFailure(keeper: Keeper, cause: unknown): Promise<ClusterError> {
  const log = [
    ...(await managerLog(keeper.paths)),
    ...keeper.complaints().split('\n').filter(Boolean),
  ]
  const lost = cause instanceof ManagerEnded ? await takenPorts(keeper) : []
  if (lost.length > 0) {
    return new ClusterError(
      {
        code: 'PORT_LOST',
        message: `another program took port ${lost.join(', ')} before it was forwarded into the network of the tree`,
        fix: 'Find the program that takes these ports: ss -ltnp.',
        log,
      },
      { cause },
    )
  }
  const why = cause instanceof Error ? cause.message : String(cause)
  const failure = (lack?: { readonly found: string; readonly fix: string }) =>
    new ClusterError(
      {
        code: 'NO_MANAGER',
        message: `the session's own systemd manager did not start: ${lack ? `${lack.found} (${why})` : why}`,
        fix: lack?.fix ?? `${saysWhy(log)}.`,
        log,
      },
      { cause },
    )
  const { directory } = keeper.paths
  const short = shortageOf(failure(), { directory, cgroup: keeper.cgroup })
  if (short) return short
  const { noNamespaces } = await import('../doctor/explain.ts')
  return failure(await noNamespaces())
}

/** Those of the ports to be forwarded into the tree's network that another program listens on now. */
async function takenPorts({ paths }: Keeper): Promise<number[]> {
  const forward = await readFile(paths.forward, 'utf8').catch(() => '')
  const ports = forward.split('\n').filter(Boolean).map(Number)
  const taken = await Promise.all(ports.map((number) => isTaken(number)))
  return ports.filter((_, index) => taken[index])
}
