import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readlink } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import type { TreeDefinition } from '../../src/definition/tree.ts'
import { command, files } from '../../src/definition/tree-layers.ts'
import { busyboxTree, Cache } from '../helpers/trees.ts'

const SCRIPT = fileURLToPath(new URL('../helpers/builds-tree.ts', import.meta.url))

interface Said {
  readonly kind?: string
  readonly step?: string
  readonly message?: string
  readonly digest?: string
}

/** A process that builds a tree, with what it has said so far. */
function building(cache: Cache, tree: TreeDefinition, onSaid: (said: Said) => void = () => {}) {
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

test('two processes that need the same new layer at the same moment make it once', async () => {
  const { tree } = await busyboxTree()
  const cache = await Cache.open()
  await cache.build(tree.with(command(['true'])))
  // Long enough for the second to come while the first is at it
  const layered = tree.with(
    command(['true']),
    command(['sh', '-c', 'echo making; sleep 3; echo made >/etc/made']),
  )
  const began = Promise.withResolvers<void>()
  const first = building(cache, layered, ({ kind }) => kind === 'begin' && began.resolve())
  await began.promise
  const second = building(cache, layered)
  const [one, two] = await Promise.all([first.result, second.result])
  expect(one?.digest).toBe(two?.digest)
  const made = [...first.said, ...second.said].filter(({ kind }) => kind === 'made')
  expect(made).toHaveLength(1)
  const waited = second.said.filter(({ kind }) => kind === 'waiting').map(({ message }) => message)
  expect(waited.at(-1)).toMatch(/^another run makes it: /)
  expect(two).toMatchObject({ states: ['cached', 'cached', 'cached'] })
})

// Twenty-one builds: on a busy machine they take their time
test('kill -9 at ten instants of a build leaves a cache that the next run uses', {
  timeout: 300_000,
}, async () => {
  const { tree } = await busyboxTree()
  const script =
    'i=0; while [ $i -lt 300 ]; do echo $i >/usr/share/$i; i=$((i+1)); done; echo half; sleep 0.2'
  const layered = tree.with(
    files({ '/etc/a': 'a\n' }),
    command(['sh', '-c', script]),
    files({ '/etc/b': 'b\n' }),
  )
  const begun = performance.now()
  const whole = await Cache.open()
  const { digest, result } = await (async () => {
    const one = building(whole, layered)
    return { digest: (await one.result)?.digest, result: one }
  })()
  const length = performance.now() - begun
  expect(result.said.filter(({ kind }) => kind === 'made')).toHaveLength(4)

  for (let instant = 1; instant <= 10; instant++) {
    const cache = await Cache.open()
    const one = building(cache, layered)
    // From its start: what it is at differs a little from time to time, and so each run of the test tries other instants
    const timer = setTimeout(() => one.child.kill('SIGKILL'), (length * instant) / 10.5)
    await one.ended
    clearTimeout(timer)
    await noneIn(cache.store.directory)
    const next = await cache.build(layered)
    expect({ instant, digest: next.digest }).toEqual({ instant, digest })
    expect(await cache.unfinished()).toEqual([])
  }
})

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
