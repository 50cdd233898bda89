import { createHash } from 'node:crypto'
import { open, readFile, stat, symlink, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { expect, test } from 'vitest'
import { command, files } from '../../src/definition/tree-layers.ts'
import { libexec } from '../../src/libexec.ts'
import { digestHere } from '../../src/tree/build/large-file.ts'
import { verifyTree } from '../../src/tree/make/verify.ts'
import { temporaryDirectory } from '../helpers/temporary.ts'
import { busyboxTree, Cache } from '../helpers/trees.ts'

test('the digest of a large file is the same with and without holes', async () => {
  const directory = await temporaryDirectory()
  const made = async (size: number, written: Readonly<Record<number, string | Buffer>>) => {
    const path = join(directory, 'file')
    await writeFile(path, '')
    const file = await open(path, 'r+')
    for (const [at, bytes] of Object.entries(written))
      await file.write(Buffer.from(bytes), 0, undefined, Number(at))
    await file.close()
    await truncate(path, size)
    return { digest: await digestHere(path), blocks: (await stat(path)).blocks }
  }
  const size = 3 * 2 ** 20 + 5
  const sparse = await made(size, { [2 ** 20 - 1]: 'ab', [size - 1]: 'z' })
  const zeros = Buffer.alloc(size)
  const full = await made(size, { 0: zeros, [2 ** 20 - 1]: 'ab', [size - 1]: 'z' })
  expect(full.blocks).toBeGreaterThan(sparse.blocks)
  expect(full.digest).toBe(sparse.digest)
  const others = [await made(size, { [2 ** 20]: 'ab', [size - 1]: 'z' })]
  others.push(await made(size + 1, { [2 ** 20 - 1]: 'ab', [size - 1]: 'z' }))
  others.push(await made(size, {}), await made(size + 2 ** 20, {}), await made(0, {}))
  expect(new Set([full, ...others].map(({ digest }) => digest)).size).toBe(6)
})

test('without perl on the host a large file is read completely', async () => {
  const directory = await temporaryDirectory()
  for (const program of ['sh', 'sha256sum'])
    await symlink(`/usr/bin/${program}`, join(directory, program))
  const path = join(directory, 'a name\nand more')
  await writeFile(path, 'text')
  const script = libexec('tree/large.sh')
  const { stdout } = await execa('sh', [script, path], {
    env: { PATH: directory },
    extendEnv: false,
  })
  const digest = createHash('sha256').update('text').digest('hex')
  expect(stdout).toBe(`${digest}  ${path}\0`)
})

test('a hole of 20 GB is not read, and a change in it is found', async () => {
  const { tree } = await busyboxTree()
  const cache = await Cache.open()
  const script =
    'truncate -s 20G /var/lib/hole; printf x | dd of=/var/lib/hole bs=1 seek=20G conv=notrunc'
  const holed = tree.with(command(['sh', '-c', script]))
  const { path } = await cache.build(holed)
  await verifyTree(holed, { store: cache.store })
  const hole = await open(join(path, 'var/lib/hole'), 'r+')
  await hole.write('y', 10 * 2 ** 30)
  await hole.close()
  await expect(verifyTree(holed, { store: cache.store })).rejects.toMatchObject({
    code: 'TREE_DAMAGED',
    details: { paths: ['/var/lib/hole has different content'] },
  })

  const baseDirectory = await temporaryDirectory()
  await writeFile(join(baseDirectory, 'hole'), '')
  await truncate(join(baseDirectory, 'hole'), 20 * 2 ** 30)
  const seen = tree.with(command(['sh', '-c', 'stat -c %s hole >/etc/size'], { inputs: ['hole'] }))
  const built = await cache.build(seen, { baseDirectory })
  expect(await readFile(join(built.path, 'etc/size'), 'utf8')).toBe(`${20 * 2 ** 30}\n`)
  const taken = tree.with(files({ '/etc/hole': { from: 'hole' } }))
  await expect(cache.build(taken, { baseDirectory })).rejects.toMatchObject({
    code: 'INVALID_DEFINITION',
    message: expect.stringMatching(
      /hole" has 21[.]5 GB, but a file in a layer of files may have at most 2[.]1 GB/,
    ),
  })
})
