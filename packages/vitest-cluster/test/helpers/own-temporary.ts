import { watch } from 'node:fs'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { onTestFinished, vi } from 'vitest'
import { leftovers, nothingLeft, sessionsBelow } from '../../../../test/support/leftovers.ts'
import { type Ports, portsOf } from '../../../../test/support/ports.ts'
import { temporaryDirectory } from './temporary.ts'

/** A TMPDIR of the test's own, in which every session that is begun is seen. */
export interface OwnTemporary {
  readonly path: string
  /** Where sessions are. */
  readonly base: string
  /** The ids of all sessions that were begun in it. */
  ids(): Promise<string[]>
  /** What is there of any of them, as lines for a reader. Nothing should be. */
  leftovers(): Promise<string[]>
  /** Resolves as soon as that is so. @throws Error naming what is there after 2 s */
  nothingLeft(): Promise<void>
}

/** From here to the end of the test sessions are made in a directory of its own. */
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
    // inotify(7) tells in order: when this file is seen, everything before it was
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

/** Of this process: a session in it holds its ports here. */
function newPorts(before: Ports): Ports {
  const { locks, numbers } = portsOf(process.pid)
  const fresh = locks.map((inode) => !before.locks.includes(inode))
  return {
    locks: locks.filter((_, index) => fresh[index]),
    numbers: numbers.filter((_, index) => fresh[index]),
  }
}
