import { watch } from 'node:fs'
import { chown, lstat, readFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { makeDirectory, writeWithMode } from '../disk/modes.ts'
import { libexec } from '../libexec.ts'
import type { Keeper } from '../lifetime/keeper.ts'
import { startOwnUnit } from '../lifetime/lease.ts'
import { sliceName, unitName } from '../plan/names.ts'
import { type ManagerSocket, managerSocket } from '../plan/paths.ts'
import type { SessionGround } from '../plan/session-plan.ts'
import { group, passwd } from '../root/accounts.ts'
import { filledAt } from '../shortage/disk.ts'
import { Manager } from '../systemd/manager.ts'
import type { UnitSettings } from '../systemd/settings.ts'
import { milliseconds as now, wait } from '../timers.ts'

/**
 * Milliseconds until a manager has to be on its bus. A private one takes about 40, a booted tree 300; eight trees that boot
 * at once on two busy cores have taken 15 000. A manager that ends or hangs is noticed earlier.
 */
const DEADLINE = 60_000
/** Milliseconds between two checks of a starting manager, and after how long without any processor time it counts as hung. */
const LOOK = 1_000
const IDLE = 8_000
/** Milliseconds after which a manager should have its bus: then the disk is checked, too. */
const LATE = 2_000

/** The manager ended before its bus accepted connections. */
export class ManagerEnded extends Error {}

export interface OwnManagerOptions {
  readonly keeper: Keeper
  /** The user's own manager. If there is none, the keeper starts the session's. */
  readonly outer: Manager | undefined
}

/** Starts the session's own manager and connects to it. Rejects if the manager does not get to its bus. */
export async function startOwnManager(
  plan: SessionGround,
  { keeper, outer }: OwnManagerOptions,
): Promise<Manager> {
  const { isolation, owner, accounts, paths } = plan
  const shown = Object.entries(plan.trees).map(
    ([name, { path, writable, etc }]) =>
      `${writable ? 'rw' : 'ro'}\n${name}\n${path}\n${etc ? relative(paths.cluster, etc) : ''}\n`,
  )
  await Promise.all([
    makeDirectory(paths.control, 0o700).then(() => chown(paths.control, owner.uid, owner.gid)),
    writeWithMode(paths.passwd, passwd(accounts), 0o644),
    writeWithMode(paths.group, group(accounts), 0o644),
    writeWithMode(paths.trees, shown.join(''), 0o644),
  ])
  const socket = managerSocket(paths, isolation)
  const { ended } = outer ? await asUnit(outer, plan) : { ended: keeper.managerEnded }
  if (!outer) keeper.startManager(isolation, owner)
  const over = new AbortController()
  const gone = ended.then((status): never => {
    throw new ManagerEnded(`it ended with ${status}`)
  })
  const failed = Promise.race([
    gone,
    stalled(plan.manager.group ?? '', socket.directory, over.signal),
  ])
  failed.catch(() => {})
  try {
    await untilListening(socket, failed)
    const manager = await Manager.connect(plan.manager.address, failed)
    void ended.then((how) => manager.lost(how))
    return manager
  } finally {
    over.abort()
  }
}

/** Starts it as a unit of the user's own manager, because only that can delegate a control group. */
async function asUnit(
  outer: Manager,
  { id, isolation, owner, paths }: SessionGround,
): Promise<{ readonly ended: Promise<string> }> {
  const { directory, managerLog } = paths
  const unit = unitName(id, '_manager')
  const ended = Promise.withResolvers<string>()
  const script = ['/bin/sh', libexec('start-manager.sh')]
  const settings: UnitSettings = {
    Description: `Manager of vitest-cluster session ${id}`,
    Type: 'exec',
    Slice: sliceName(id),
    Delegate: true,
    ExecStart: [...script, directory, isolation, `${owner.uid}`, `${owner.gid}`, '-'],
    StandardOutput: `append:${managerLog}`,
    StandardError: `append:${managerLog}`,
    KillSignal: 'SIGKILL',
    TimeoutStopSec: 5_000,
    CollectMode: 'inactive-or-failed',
  }
  await startOwnUnit(outer, unit, settings, { reference: true })
  const path = await outer.unitPath(unit)
  const look = async () => {
    const state = await outer.state(unit)
    if (state?.activeState !== 'active') ended.resolve(state ? `${state.execMainStatus}` : 'gone')
  }
  await outer.onUnitChanged((changed) => {
    if (changed === path) void look().catch(() => ended.resolve('gone'))
  })
  await look()
  return { ended: ended.promise }
}

/** Resolves when the link appears that the manager creates once its socket listens (by inotify(7)). */
async function untilListening({ directory, listens }: ManagerSocket, failed: Promise<never>) {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const look = () =>
    lstat(listens).then(
      () => resolve(),
      () => {},
    )
  const watcher = watch(directory, () => void look())
  watcher.on('error', reject)
  try {
    void look()
    await Promise.race([promise, failed])
  } finally {
    watcher.close()
  }
}

/** Rejects when a starting manager makes no progress. */
async function stalled(cgroup: string, directory: string, signal: AbortSignal): Promise<never> {
  const began = now()
  let used = ''
  let progress = began
  for (;;) {
    await wait(LOOK, undefined, { signal })
    const time = now()
    // Processor time of all processes in the group, in microseconds (cgroups(7)); a stopped process uses none
    const stat = await readFile(join(cgroup, 'cpu.stat'), 'utf8').catch(() => undefined)
    const usage = /^usage_usec (\d+)$/m.exec(stat ?? '')?.[1]
    if (usage === undefined || usage !== used) progress = time
    used = usage ?? ''
    if (time - progress >= IDLE)
      throw new Error(`it has used no processor time for ${IDLE / 1000} s`)
    if (time - began >= DEADLINE) throw new Error(`no bus after ${DEADLINE / 1000} s`)
    // If the disk has no room for the link, systemd does not report it and continues
    if (time - began >= LATE && filledAt(directory)) throw new Error('there is no room for its bus')
  }
}
