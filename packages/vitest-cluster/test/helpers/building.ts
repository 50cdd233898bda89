import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readlink } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished } from 'vitest'
import type { TreeDefinition } from '../../src/definition/tree.ts'
import { command, files } from '../../src/definition/tree-layers.ts'
import { busyboxTree, Cache } from './trees.ts'

const SCRIPT = fileURLToPath(new URL('./builds-tree.ts', import.meta.url))

interface Said {
  readonly kind?: string
  readonly step?: string
  readonly message?: string
  readonly digest?: string
}

/** Starts a process that builds a tree. Returns it with the events that it has printed so far. */
export function building(
  cache: Cache,
  tree: TreeDefinition,
  onSaid: (said: Said) => void = () => {},
) {
  const child = spawn(process.execPath, [SCRIPT, cache.store.directory, JSON.stringify(tree)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const said: Said[] = []
  createInterface({ input: child.stdout }).on('line', (line) => {
    const one = JSON.parse(line) as Said
    said.push(one)
    onSaid(one)
  })
  const ended = once(child, 'close')
  return { child, said, ended, result: ended.then(() => said.find(({ digest }) => digest)) }
}

/**
 * Kills a build at so many instants, from soon after its start to shortly before its end, and checks after each that
 * the next build can use the cache.
 */
export async function killAtInstants(instants: number): Promise<void> {
  const { tree } = await busyboxTree()
  const script =
    'i=0; while [ $i -lt 300 ]; do echo $i >/usr/share/$i; i=$((i+1)); done; echo half; sleep 0.2'
  const layered = tree.with(
    files({ '/etc/a': 'a\n' }),
    command(['sh', '-c', script]),
    files({ '/etc/b': 'b\n' }),
  )
  const begun = performance.now()
  const whole = building(await Cache.open(), layered)
  const digest = (await whole.result)?.digest
  const length = performance.now() - begun
  expect(whole.said.filter(({ kind }) => kind === 'made')).toHaveLength(4)

  for (let instant = 1; instant <= instants; instant++) {
    const cache = await Cache.open()
    const one = building(cache, layered)
    // Counted from its start: its speed varies a little, and so each run of the test tries other instants
    const after = (length * instant) / (instants + 0.5)
    const timer = setTimeout(() => one.child.kill('SIGKILL'), after)
    await one.ended
    clearTimeout(timer)
    await noProcessIn(cache.store.directory)
    const next = await cache.build(layered)
    expect({ instant, digest: next.digest }).toEqual({ instant, digest })
    // A build that is killed after it published its last step leaves its directory. The next build found every step in
    // the cache, and only a build that makes a step removes leftovers
    await cache.build(layered.with(files({ '/etc/c': 'c\n' })))
    expect(await cache.unfinished()).toEqual([])
  }
}

/** Waits until no process works in the cache: the kernel ends the processes of a killed build. */
async function noProcessIn(directory: string): Promise<void> {
  await expect
    .poll(
      async () => {
        const links = (await readdir('/proc'))
          .filter((name) => /^\d+$/.test(name))
          .map((pid) => readlink(join('/proc', pid, 'cwd')).catch(() => ''))
        return (await Promise.all(links)).filter((cwd) => cwd.startsWith(directory))
      },
      { timeout: 5_000, interval: 20 },
    )
    .toEqual([])
}
