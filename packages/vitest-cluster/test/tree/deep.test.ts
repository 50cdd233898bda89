// @module-tag user
import { mkdir, readdir, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { expect, test } from 'vitest'
import { keepTemplate } from '../../src/apply/state-template.ts'
import { command, files } from '../../src/definition/tree-layers.ts'
import { HeldDirectory } from '../../src/disk/held-directory.ts'
import { defineService } from '../../src/index.ts'
import { removeStates } from '../../src/lifetime/clean-states.ts'
import { TREE_BASE } from '../../src/machine/owner.ts'
import { machineIds } from '../../src/tree/build/ids.ts'
import { cleanTrees } from '../../src/tree/cache/clean.ts'
import { verifyTree } from '../../src/tree/make/verify.ts'
import { ownTemporary } from '../helpers/own-temporary.ts'
import { up } from '../helpers/session.ts'
import { ONLY_ROOT, ROOT, skipWhen } from '../helpers/situation.ts'
import { temporaryDirectory } from '../helpers/temporary.ts'
import { treeFailure } from '../helpers/tree-failure.ts'
import { busyboxTree, Cache } from '../helpers/trees.ts'

/** A shell script that makes so many nested directories (`0…0/0…0/…`, 100 characters each) with a file at the end. */
const deep = (count: number) =>
  `d=$(printf %0100d 0); i=0; while [ $i -lt ${count} ]; do mkdir $d && cd -P ./$d || exit; i=$((i+1)); done; echo x >file`

/** The same at any depth, from outside: Node and a shell need the whole path. */
async function makeDeep(directory: string, count: number): Promise<void> {
  await mkdir(directory)
  const code = `import os, sys
os.chdir(sys.argv[1])
for i in range(int(sys.argv[2])):
    os.mkdir('0' * 100)
    os.chdir('0' * 100)
open('file', 'w').close()`
  await execa('python3', ['-c', code, directory, `${count}`])
}

test('a layer with a path that is too long is an error with the path, and a shorter path is kept whole', async () => {
  const { tree } = await busyboxTree()
  const cache = await Cache.open()
  // 34 of them have 3,447 bytes, with the beginning and the end of the path
  const whole = tree.with(command(['sh', '-c', `cd /var/lib; ${deep(34)}`]))
  const built = await cache.build(whole)
  await verifyTree(whole, { store: cache.store })
  const above = whole.with(
    files({ '/etc/x': 'x' }),
    command(['rm', '-r', `/var/lib/${'0'.repeat(100)}`]),
  )
  expect(await readdir(join((await cache.build(above)).path, 'var/lib'))).toEqual(['some'])
  expect(await readdir(join(built.path, 'var/lib'))).toHaveLength(2)
  for (const count of [35, 60]) {
    const script = `cd /var/lib; ${deep(count).replaceAll('|| exit', '|| break')}`
    const { code, message } = await treeFailure(cache, tree.with(command(['sh', '-c', script])))
    expect({ count, code }).toEqual({ count, code: 'TREE_FAILED' })
    expect(message).toMatch(
      /the step creates "\/var\/lib\/0+…0+.*", which has \d{4} bytes, and a path of a tree may have 3500/,
    )
  }
  expect(
    (
      await cleanTrees(
        () => ({}),
        () => {},
        cache.store,
      )
    ).left,
  ).toEqual([])
  expect(await readdir(join(cache.store.directory, 'entries'))).toEqual([])
})

test('deep leftovers of an earlier run do not fail a later build', async () => {
  const { tree } = await busyboxTree()
  const cache = await Cache.open()
  cache.store.prepare()
  const building = join(cache.store.directory, 'building')
  const { base } = await machineIds()
  for (const name of ['0'.repeat(32), '1'.repeat(32)]) {
    const path = join(building, `${name}.00000001`)
    await makeDeep(path, 60)
    if (base !== undefined) await execa('chown', [`${TREE_BASE}:${TREE_BASE}`, path])
  }
  await cache.build(tree.with(files({ '/etc/x': 'x' })))
  expect(await cache.unfinished()).toEqual([])
  expect(cache.events.filter(({ kind }) => kind === 'note')).toEqual([])
})

test('leftovers that cannot be removed are reported, and the build goes on', async ({ skip }) => {
  skipWhen(skip, !ROOT, ONLY_ROOT)
  const { tree } = await busyboxTree()
  const cache = await Cache.open()
  cache.store.prepare()
  const stuck = join(cache.store.directory, 'building', `${'0'.repeat(32)}.00000001`)
  await mkdir(join(stuck, 'mounted'), { recursive: true })
  await execa('mount', ['-t', 'tmpfs', 'tmpfs', join(stuck, 'mounted')])
  try {
    const built = await cache.build(tree.with(files({ '/etc/x': 'x' })))
    expect(cache.events.flatMap(({ kind, message }) => (kind === 'note' ? message : []))).toEqual([
      // Two steps were built
      ...Array(2).fill(
        expect.stringMatching(
          new RegExp(`^the directory ${stuck} of a build could not be removed: rm: .*mounted'`),
        ),
      ),
    ])
    const { removed, left } = await cleanTrees(
      () => ({}),
      () => {},
      cache.store,
    )
    expect(removed.map(({ key }) => key)).toContain(built.key)
    expect(left).toEqual([{ path: stuck, why: expect.stringMatching(/^rm: .*mounted'/) }])
  } finally {
    await execa('umount', [join(stuck, 'mounted')])
  }
})

test('a state that is too deep to be copied is not kept, and nothing is left', async () => {
  const [cache, made] = [await temporaryDirectory(), join(await temporaryDirectory(), 'made')]
  await makeDeep(made, 38)
  const held = await HeldDirectory.open(made)
  const kept = keepTemplate(held, join(cache, 'db/key')).finally(() => held.close())
  await expect(kept).rejects.toThrow('too long')
  expect(await readdir(join(cache, 'db'))).toEqual([])
  // What older versions kept or left behind
  await makeDeep(join(cache, 'db/old'), 60)
  await makeDeep(join(cache, 'db/.new-old'), 60)
  await utimes(join(cache, 'db/.new-old'), 0, 0)
  const small = await temporaryDirectory()
  await writeFile(join(small, 'data'), '')
  const source = await HeldDirectory.open(small)
  await keepTemplate(source, join(cache, 'db/key')).finally(() => source.close())
  expect((await readdir(join(cache, 'db'))).sort()).toEqual(['key', 'old'])
  const { removed, left } = await removeStates(Number.POSITIVE_INFINITY, cache)
  expect(removed.map(({ key }) => key).sort()).toEqual(['key', 'old'])
  expect(left).toEqual([])
})

test('a session whose service makes deep directories leaves nothing', async () => {
  const temporary = await ownTemporary()
  const session = await up({
    deep: defineService({
      kind: 'deep',
      command: () => ['sleep', 'infinity'],
      ready: 'started',
      handle: ({ exec }) => ({
        sh: (script: string) => exec(['sh', '-c', script], { allowFailure: true }),
      }),
    }),
  })
  const { sh } = await session.handle('deep')
  const code = deep(60).replaceAll('|| exit', '|| break')
  await sh(`cd /tmp; ${code}; cd /srv/deep; ${code}`)
  const { stdout } = await sh(
    'find /srv/deep /tmp | awk "{ if (length > m) m = length } END { print m }"',
  )
  expect(Number(stdout)).toBeGreaterThan(4_000)
  await session.close()
  await temporary.nothingLeft()
})
