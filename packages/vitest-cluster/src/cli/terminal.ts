import { randomBytes } from 'node:crypto'
import { existsSync, watch } from 'node:fs'
import { readdir, readlink } from 'node:fs/promises'
import { constants } from 'node:os'
import { dirname } from 'node:path'
import { type EnterOptions, type Entry, planEntry } from '../client/enter.ts'
import { ClusterError } from '../errors.ts'
import { unitName } from '../plan/names.ts'
import type { SessionPlan } from '../plan/session-plan.ts'
import { unitProcesses } from '../session/processes.ts'
import { isMissing, startChild } from '../shortage/child.ts'
import { Manager } from '../systemd/manager.ts'

/**
 * Runs a program on this terminal, in a service's tree. It is killed when the session ends.
 * @returns its exit code
 * @throws ClusterError `EXEC_FAILED`, `MISSING_PROGRAM`
 */
export async function onTerminal(
  plan: SessionPlan,
  service: string,
  argv: readonly string[],
  options: EnterOptions = {},
): Promise<number> {
  const entry = planEntry(plan, service, options)
  const manager = await Manager.connect(plan.manager.address)
  const unit = unitName(plan.id, `${service}-shell-${randomBytes(4).toString('hex')}`)
  try {
    const pid = await startIdle(manager, unit, entry, plan)
    return await enter(pid, plan, [...entry.command(pid), ...argv])
  } finally {
    await manager.stop(unit).catch(() => {})
    manager.disconnect()
  }
}

/** Starts an idle process in the service's tree, so that it can be entered while the service is down. */
async function startIdle(
  manager: Manager,
  unit: string,
  { service, idle, cwd }: Entry,
  plan: SessionPlan,
): Promise<number> {
  const result = await manager.startTransient(unit, idle, { reference: true })
  // The innermost process: the others of the unit may be outside the tree
  const pid = (await unitProcesses(manager, plan.manager.cgroup, unit)).at(-1)
  if (result === 'done' && pid !== undefined) return pid
  // EXIT_CHDIR of systemd.exec(5)
  const lost = cwd !== undefined && (await manager.state(unit))?.execMainStatus === 200
  throw new ClusterError({
    code: 'EXEC_FAILED',
    service,
    unit,
    message: lost
      ? `exec: the working directory ${cwd} cannot be entered`
      : `cannot start a program in its tree: the start job ended with '${result}'`,
    fix: lost ? 'Give a directory of its tree.' : 'npx vitest-cluster status',
  })
}

/** Runs a program on this terminal, in the namespaces of a process. It is killed when the session ends. */
async function enter(pid: number, plan: SessionPlan, words: readonly string[]): Promise<number> {
  const { directory } = plan.paths
  const [program = '', ...rest] = words
  const namespace = await readlink(`/proc/${pid}/ns/mnt`)
  // Ctrl-C at the terminal is for the shell
  process.on('SIGINT', () => {})
  const child = await startChild(program, rest, { stdio: 'inherit' }).catch((cause: unknown) => {
    throw isMissing(cause, program) ? noNsenter(cause) : cause
  })
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal))
  const watcher = watch(dirname(directory), () => existsSync(directory) || hangUp(namespace))
  try {
    return await new Promise<number>((resolve) => {
      child.once('exit', (code, signal) =>
        resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)),
      )
    })
  } finally {
    watcher.close()
  }
}

/** Kills all that the shell started: no other process is in its mount namespace. */
async function hangUp(namespace: string): Promise<void> {
  if (namespace === (await readlink('/proc/self/ns/mnt'))) return
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  for (const pid of pids) {
    const own = await readlink(`/proc/${pid}/ns/mnt`).catch(() => '')
    if (own === namespace) process.kill(Number(pid), 'SIGKILL')
  }
}

function noNsenter(cause: unknown): ClusterError {
  return new ClusterError(
    {
      code: 'MISSING_PROGRAM',
      message: 'vitest-cluster shell, and exec --tty, need the program nsenter',
      fix: 'Debian, Ubuntu: sudo apt-get install util-linux',
    },
    { cause },
  )
}
