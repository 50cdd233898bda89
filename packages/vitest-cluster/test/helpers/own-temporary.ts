import { watch } from 'node:fs'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { onTestFinished, vi } from 'vitest'
import { leftovers, nothingLeft, sessionsBelow } from '../../../../test/support/leftovers.ts'
import { type Ports, portsOf } from '../../../../test/support/ports.ts'
import { temporaryDirectory } from './temporary.ts'

/** A separate TMPDIR for a test, in which every new session is noticed. */
export interface OwnTemporary {
  readonly path: string
  /** Where sessions are. */
  readonly base: string
  /** The ids of all sessions that have begun in it. */
  ids(): Promise<string[]>
  /** What is left of these sessions, as readable lines. There should be none. */
  leftovers(): Promise<string[]>
  /** Resolves when nothing is left. @throws Error with what is left after 2 s */
  nothingLeft(): Promise<void>
}

/** From this call to the end of the test, sessions are made in a separate directory. */
export async function ownTemporary(): Promise<OwnTemporary> {
  const path = await temporaryDirectory()
  const base = sessionsBelow(path)
  await mkdir(base, { mode: 0o700 })
  vi.stubEnv('TMPDIR', path)
  const before = portsOf(process.pid)
  const seen = new Set<string>()
  let synced = () => {}
  const watcher = watch(base, (_, name) => {
    if (name === '.synced') synced()
    else if (name) seen.add(name.replace(/^\.new-/, ''))
  })
  onTestFinished(() => {
    watcher.close()
    vi.unstubAllEnvs()
  })
  const ids = async () => {
    // inotify(7) reports in order: when this file is seen, all earlier ones have been
    const { promise, resolve } = Promise.withResolvers<void>()
    synced = resolve
    await writeFile(join(base, '.synced'), '')
    await promise
    await rm(join(base, '.synced'))
    return [...seen]
  }
  const traces = async () => ({ ids: await ids(), directory: path, ports: newPorts(before) })
  return {
    path,
    base,
    ids,
    leftovers: async () => leftovers(await traces()),
    nothingLeft: () => nothingLeft(traces),
  }
}

/** The ports that this process holds for its sessions since `before`. */
function newPorts(before: Ports): Ports {
  const { locks, numbers } = portsOf(process.pid)
  const fresh = locks.map((inode) => !before.locks.includes(inode))
  return {
    locks: locks.filter((_, index) => fresh[index]),
    numbers: numbers.filter((_, index) => fresh[index]),
  }
}
