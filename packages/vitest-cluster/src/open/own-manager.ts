import { watch } from 'node:fs'
import { chown, lstat, readFile } from 'node:fs/promises'
import { join } from 'node:path'
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
 * Milliseconds for a manager to come to its bus. A private one takes about 40, a booted tree 300; eight trees that boot
 * at once on two busy cores have taken 15 000. One that ends or hangs is told before.
 */
const DEADLINE = 60_000
/** Milliseconds between two looks at one that starts, and how long it may use no processor: then it hangs. */
const LOOK = 1_000
const IDLE = 8_000
/** Milliseconds after which one is looked at that should have its bus by now. */
const LATE = 2_000

/** It ended before its bus took connections: nothing of it is left. */
export class ManagerEnded extends Error {}

export interface OwnManagerOptions {
  readonly keeper: Keeper
  /** The user's own manager; without one the keeper starts the session's. */
  readonly outer: Manager | undefined
}

/** Starts the session's own manager and connects to it. Rejects where it does not come to its bus. */
export async function startOwnManager(
  plan: SessionGround,
  { keeper, outer }: OwnManagerOptions,
): Promise<Manager> {
  const { isolation, owner, accounts, paths } = plan
  const shown = Object.entries(plan.trees).map(
    ([name, { path, writable }]) => `${writable ? 'rw' : 'ro'}\n${name}\n${path}\n`,
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
    await appears(socket, failed)
    const manager = await Manager.connect(plan.manager.address, failed)
    void ended.then((how) => manager.lost(how))
    return manager
  } finally {
    over.abort()
  }
}

/** As a unit of the user's own manager: a delegated control group is what only that has to give. */
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

/** Resolves when the link appears that says that the socket listens: the kernel tells of it (inotify(7)). */
async function appears({ directory, listens }: ManagerSocket, failed: Promise<never>) {
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

/** Rejects when a manager that starts gets no further. */
async function stalled(cgroup: string, directory: string, signal: AbortSignal): Promise<never> {
  const began = now()
  let used = ''
  let progress = began
  for (;;) {
    await wait(LOOK, undefined, { signal })
    const time = now()
    // What all in the group have used, in microseconds (cgroups(7)); one that was stopped uses nothing
    const stat = await readFile(join(cgroup, 'cpu.stat'), 'utf8').catch(() => undefined)
    const usage = /^usage_usec (\d+)$/m.exec(stat ?? '')?.[1]
    if (usage === undefined || usage !== used) progress = time
    used = usage ?? ''
    if (time - progress >= IDLE)
      throw new Error(`it has used no processor time for ${IDLE / 1000} s`)
    if (time - began >= DEADLINE) throw new Error(`no bus after ${DEADLINE / 1000} s`)
    // Of a disk with no room for the link systemd says nothing to anybody, and goes on without
    if (time - began >= LATE && filledAt(directory)) throw new Error('there is no room for its bus')
  }
}
