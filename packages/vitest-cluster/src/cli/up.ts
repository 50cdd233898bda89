import { watch } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type SessionValues, sessionValues } from '../client/variables.ts'
import { ClusterError, type ClusterErrorDetails } from '../errors.ts'
import type { OpenedSession } from '../open/session.ts'
import { duration } from '../units.ts'
import type { Run } from './command.ts'
import { open } from './open.ts'
import { columns, print, printJson, styled, tell } from './output.ts'
import { seconds } from './time.ts'
import { exportLines } from './variables.ts'

export const run: Run = async ({ options }) => {
  const stay = seconds(options, 'for')
  const detach = options['detach'] === true
  if (stay !== undefined && !detach) {
    const fix = 'vitest-cluster up --detach --for 2h'
    throw new ClusterError({ code: 'USAGE', message: '--for requires --detach', fix })
  }
  const ended = interrupted()
  const { session, definition } = await open(options, 'up')
  try {
    const { plan, id } = session
    const values = await sessionValues(plan, definition)
    // Before the output, whose reader may be gone (`up --detach | head`)
    if (detach) await session.detach(stay)
    if (options['json'])
      printJson({ session: id, directory: plan.paths.directory, services: values.handles })
    else printUp(values)
    if (detach) {
      tell(`session ${id} runs in the background ${lasting(stay)}`)
      return 0
    }
    tell(`session ${id} is up; press Ctrl-C to end it`)
    const lost = await untilLost(session, ended)
    if (lost) throw new ClusterError(lost)
    return 0
  } finally {
    // Does nothing after detach()
    await session.close()
  }
}

function lasting(stay: number | undefined): string {
  return stay === undefined
    ? 'until you end it: npx vitest-cluster down'
    : `for ${duration(stay * 1000)}`
}

function printUp({ handles, variables }: SessionValues): void {
  const rows = Object.entries(handles).flatMap(([service, values]) =>
    Object.entries(values).map(([key, value], i) => [
      i ? '' : styled('bold', service),
      key,
      `${value}`,
    ]),
  )
  print('', ...columns(rows), '', ...exportLines(variables), '')
}

/** Resolves at Ctrl-C and other signals that end a process, so that the session is closed in order. */
function interrupted(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  let asked = 0
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      // A second signal exits at once: the keeper removes the session
      if (asked++ > 0) process.exit(130)
      resolve()
    })
  }
  return promise
}

/** Prints an error for each service that dies. Resolves with the error of a lost session, with undefined after a signal. */
async function untilLost(
  { plan }: OpenedSession,
  ended: Promise<void>,
): Promise<ClusterErrorDetails | undefined> {
  const { promise, resolve } = Promise.withResolvers<ClusterErrorDetails | undefined>()
  void ended.then(() => resolve(undefined))
  const reported = new Set<string>()
  const watcher = watch(plan.paths.status, async (_, name) => {
    if (!name?.endsWith('.json')) return
    const json = await readFile(join(plan.paths.status, name), 'utf8').catch(() => '')
    if (json === '') return void reported.delete(name)
    if (reported.has(name)) return
    reported.add(name)
    const details = JSON.parse(json) as ClusterErrorDetails
    if (name === 'session.json') resolve(details)
    else tell(new ClusterError(details).message)
  })
  // The watcher also keeps this process alive
  return promise.finally(() => watcher.close())
}
