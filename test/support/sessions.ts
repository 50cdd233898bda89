import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished } from 'vitest'
import { temporaryDirectory } from '../../packages/vitest-cluster/test/helpers/temporary.ts'
import type { Report } from './connects.ts'
import { nothingLeft, sessionsBelow } from './leftovers.ts'

export interface Count {
  readonly processes: number
  readonly sessions: number
  readonly env?: NodeJS.ProcessEnv
}

/**
 * Starts processes at the same time that each open sessions in a row, and expects every session to accept connections.
 */
export async function expectConnections(count: Count): Promise<void> {
  const directory = await temporaryDirectory()
  await mkdir(sessionsBelow(directory), { mode: 0o700 })
  const reports: Report[] = []
  const processes = await Promise.all(
    Array.from({ length: count.processes }, () => start(directory, count)),
  )
  const outcomes = processes.map((child) => outcome(child, reports))
  for (const child of processes) child.send('begin')
  expect(await Promise.all(outcomes)).toEqual(processes.map(() => ({ exitCode: 0, stderr: '' })))

  const total = count.processes * count.sessions
  const ids = new Set(reports.map(({ id }) => id))
  expect(ids.size).toBe(total)
  const numbers = reports.flatMap(({ ports }) => ports)
  await nothingLeft({ directory, ids, ports: { locks: [], numbers } })
}

async function start(directory: string, { sessions, env }: Count): Promise<ChildProcess> {
  const child = started('connects.ts', { ...env, TMPDIR: directory }, `${sessions}`)
  await once(child, 'message')
  return child
}

/** Starts a module of this folder as a process, which is killed when the test ends. */
export function started(module: string, env: NodeJS.ProcessEnv, ...argv: string[]): ChildProcess {
  const child = fork(join(import.meta.dirname, module), argv, {
    env: { ...process.env, ...env },
    execArgv: [],
    stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  return child
}

async function outcome(child: ChildProcess, reports: Report[]) {
  let stderr = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  child.on('message', (report: Report) => reports.push(report))
  await once(child, 'close')
  return { exitCode: child.exitCode ?? child.signalCode, stderr }
}
