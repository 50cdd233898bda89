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

/** A process that builds a tree, with what it has said so far. */
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
 * Kills a build at so many instants of it, from soon after its start to shortly before its end, and sees after each
 * that the cache is one that the next build uses.
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
    // From its start: what it is at differs a little from time to time, and so each run of the test tries other instants
    const after = (length * instant) / (instants + 0.5)
    const timer = setTimeout(() => one.child.kill('SIGKILL'), after)
    await one.ended
    clearTimeout(timer)
    await noneIn(cache.store.directory)
    const next = await cache.build(layered)
    expect({ instant, digest: next.digest }).toEqual({ instant, digest })
    // A build that was killed after its last step was published, and before it removed its workplace, leaves that. The
    // next build found everything and made nothing, and only one that makes a step removes what others left
    await cache.build(layered.with(files({ '/etc/c': 'c\n' })))
    expect(await cache.unfinished()).toEqual([])
  }
}

/** Waits until no process is at work in the cache: those of a killed build end with it, which the kernel sees to. */
async function noneIn(directory: string): Promise<void> {
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
