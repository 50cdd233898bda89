import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { nothingLeft } from '../support/leftovers.ts'
import type { Report } from './worker.ts'

let directory: string

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'vc-'))
})

afterEach(() => rm(directory, { recursive: true, force: true }))

test('8 sessions started at the same moment all pass', async () => {
  await connectsAlways({ processes: 8, sessions: 1 })
})

test('100 sessions in a row lose no connection made the instant they are handed over', {
  timeout: 300_000,
}, async () => {
  await connectsAlways({ processes: 1, sessions: 100 })
})

/** Starts processes at the same moment that open sessions in a row, and expects each to connect to its services. */
async function connectsAlways(count: { processes: number; sessions: number }): Promise<void> {
  const base = join(directory, `vitest-cluster-${process.getuid?.()}`)
  await mkdir(base, { mode: 0o700 })
  const reports: Report[] = []
  const processes = await Promise.all(
    Array.from({ length: count.processes }, () => start(count.sessions)),
  )
  const outcomes = processes.map((child) => outcome(child, reports))
  for (const child of processes) child.send('begin')
  expect(await Promise.all(outcomes)).toEqual(processes.map(() => ({ exitCode: 0, stderr: '' })))

  const total = count.processes * count.sessions
  const ids = new Set(reports.map(({ id }) => id))
  expect(ids.size).toBe(total)
  const numbers = reports.flatMap(({ ports }) => ports)
  await nothingLeft({ base, directory, ids, ports: { locks: [], numbers } })
}

async function start(sessions: number): Promise<ChildProcess> {
  const child = fork(join(import.meta.dirname, 'worker.ts'), [`${sessions}`], {
    env: { ...process.env, TMPDIR: directory },
    execArgv: [],
    stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
  })
  await once(child, 'message')
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
