import { existsSync, watch } from 'node:fs'
import { dirname } from 'node:path'
import { ClusterError } from '../errors.ts'
import { isStoppedAtEnd } from '../plan/session-plan.ts'
import type { LiveSession } from '../session/find.ts'
import { isAlive } from '../session/record.ts'
import { socketOf } from '../systemd/address.ts'
import { Manager } from '../systemd/manager.ts'
import { clearTimeout, setTimeout } from '../timers.ts'
import { leaseEnded } from './lease.ts'

/** Milliseconds to wait for the end of a session, which takes about 50 and the services' stop time-outs. */
const PATIENCE = 30_000

/**
 * Ends a session that another process holds, and resolves when its processes and files are removed.
 * @throws ClusterError `SESSION_BUSY` for a session that ends with a test run or a program, `STOP_TIMEOUT`
 */
export async function endSession({ id, directory, record }: LiveSession): Promise<void> {
  const { purpose, owner, plan, detached } = record
  if (!detached && (purpose === 'test' || purpose === 'run' || purpose === 'program')) {
    throw new ClusterError({
      code: 'SESSION_BUSY',
      message: `session ${id} belongs to a ${purpose === 'test' ? 'test run' : 'program'} (process ${owner.pid}), and ends with it`,
      fix:
        purpose === 'run'
          ? `The session ends with the command of vitest-cluster run. To end both now: kill ${owner.pid}`
          : `To end it: kill ${owner.pid}`,
    })
  }
  const manager = await Manager.connect(plan.manager.address).catch(() => undefined)
  try {
    // The others are killed with the session
    const units = detached ? Object.values(plan.services).filter(isStoppedAtEnd) : []
    await Promise.allSettled(units.map(({ unit }) => manager?.stop(unit.name)))
    if (isAlive(owner)) process.kill(owner.pid, 'SIGTERM')
    await gone(directory, PATIENCE)
    if (!socketOf(plan.manager.address)?.includes(directory) && manager)
      await leaseEnded(manager, id)
  } finally {
    manager?.disconnect()
  }
}

/** Resolves when a session's directory is removed. */
export async function gone(directory: string, patience: number): Promise<void> {
  const removed = Promise.withResolvers<void>()
  const look = () => existsSync(directory) || removed.resolve()
  const watcher = watch(dirname(directory), look)
  watcher.on('error', removed.reject)
  const timer = setTimeout(() => {
    const message = `the session's directory ${directory} still exists ${patience / 1000} s after the session was ended`
    const fix = `Stop the processes that use it (fuser -v ${directory}), then run: npx vitest-cluster clean`
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
