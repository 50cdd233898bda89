import { existsSync, watch } from 'node:fs'
import { dirname } from 'node:path'
import { ClusterError } from '../errors.ts'
import type { LiveSession } from '../session/find.ts'
import { isAlive } from '../session/record.ts'
import { socketOf } from '../systemd/address.ts'
import { Manager } from '../systemd/manager.ts'
import { clearTimeout, setTimeout } from '../timers.ts'
import { leaseEnded } from './lease.ts'

/** Milliseconds for a session to go once its owner was told; it takes some 50, and what stopTimeouts allow. */
const PATIENCE = 30_000

/**
 * Ends a session that another process holds, and resolves when nothing of it is left.
 * @throws ClusterError `SESSION_BUSY` for one that a test run or a program of its own ends, `STOP_TIMEOUT`
 */
export async function endSession({ id, directory, record }: LiveSession): Promise<void> {
  const { purpose, owner, plan, detached } = record
  if (purpose === 'test' || purpose === 'run' || purpose === 'program') {
    throw new ClusterError({
      code: 'SESSION_BUSY',
      message: `session ${id} belongs to a ${purpose === 'test' ? 'test run' : 'program'} (process ${owner.pid}), and ends with it`,
      fix:
        purpose === 'run'
          ? `It ends when the command of vitest-cluster run does. To end both now: kill ${owner.pid}`
          : `To end it: kill ${owner.pid}`,
    })
  }
  const manager = await Manager.connect(plan.manager.address).catch(() => undefined)
  try {
    // Nobody else stops them: those with a stop signal of their own get it, the others are killed (KillSignal=)
    const units = detached ? Object.values(plan.services) : []
    await Promise.allSettled(units.map(({ unit }) => manager?.stop(unit.name)))
    if (isAlive(owner)) process.kill(owner.pid, 'SIGTERM')
    await gone(directory, PATIENCE)
    if (!socketOf(plan.manager.address)?.includes(directory) && manager)
      await leaseEnded(manager, id)
  } finally {
    manager?.disconnect()
  }
}

/** Resolves when a session's directory is no more. */
export async function gone(directory: string, patience: number): Promise<void> {
  const removed = Promise.withResolvers<void>()
  const look = () => existsSync(directory) || removed.resolve()
  const watcher = watch(dirname(directory), look)
  watcher.on('error', removed.reject)
  const timer = setTimeout(() => {
    const message = `${directory} is still there ${patience / 1000} s after its end`
    const fix =
      'Find out what uses it (fuser -v DIRECTORY), stop that, then run: npx vitest-cluster clean'
    removed.reject(new ClusterError({ code: 'STOP_TIMEOUT', message, fix }))
  }, patience)
  look()
  try {
    await removed.promise
  } finally {
    clearTimeout(timer)
    watcher.close()
  }
}
