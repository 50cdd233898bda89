// @module-tag user
import { lstatSync } from 'node:fs'
import { appendFile, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { command, files } from '../../src/definition/tree-layers.ts'
import { verifyTree } from '../../src/tree/make/verify.ts'
import { temporaryDirectory } from '../helpers/temporary.ts'
import { busyboxTree, Cache } from '../helpers/trees.ts'

const text = (root: string, path: string) => readFile(join(root, path), 'utf8')

test('an unchanged tree is found in the cache, without a step', async () => {
  const { tree } = await busyboxTree()
  const cache = await Cache.open()
  const layered = tree.with(
    files({ '/etc/motd': 'hello\n' }),
    command(['sh', '-c', 'echo made >/etc/made']),
  )
  const first = await cache.build(layered)
  expect(first.steps.map(({ state }) => state)).toEqual(['made', 'made', 'made'])
  expect(await text(first.path, 'etc/made')).toBe('made\n')
  const second = await cache.build(layered)
  expect(second).toMatchObject({ path: first.path, digest: first.digest, key: first.key })
  expect(second.steps.map(({ state }) => state)).toEqual(['cached', 'cached', 'cached'])
  expect(second.saved).toBe(first.steps.reduce((sum, { took }) => sum + took, 0))
  expect(cache.begun).toEqual([])
})

test('only changed files are written, and a removed one is again that of the tree below', async () => {
  const { tree } = await busyboxTree()
  const cache = await Cache.open()
  const version = (motd: Record<string, string>) =>
    tree.with(files({ '/etc/deep/er/file': 'same\n', ...motd }))
  const first = await cache.build(version({ '/etc/motd': 'one\n', '/etc/extra/x': 'x\n' }))
  const { ino } = await stat(join(first.path, 'etc/deep/er/file'))
  expect(await text(first.path, 'etc/motd')).toBe('one\n')

  const changed = await cache.build(version({ '/etc/motd': 'two\n', '/etc/extra/x': 'x\n' }))
  expect(cache.begun).toEqual(['files (3): changed: file /etc/motd'])
  expect(await text(changed.path, 'etc/motd')).toBe('two\n')
  // Neither written again nor copied
  expect((await stat(join(changed.path, 'etc/deep/er/file'))).ino).toBe(ino)

  const second = await cache.build(version({ '/etc/motd': 'three\n' }))
  expect(cache.begun).toEqual(['files (2): changed: file /etc/extra/x, file /etc/motd'])
  expect(await text(second.path, 'etc/motd')).toBe('three\n')
  expect(lstatSync(join(second.path, 'etc/extra'), { throwIfNoEntry: false })).toBeUndefined()

  const third = await cache.build(version({}))
  expect(await text(third.path, 'etc/motd')).toBe('below\n')
  expect(third.path).not.toBe(second.path)
  // The same as a tree built from scratch
  const other = await Cache.open()
  expect((await other.build(version({}))).digest).toBe(third.digest)
  expect(await cache.unfinished()).toEqual([])
})

test('an earlier version that is in use does not change', async () => {
  const { tree } = await busyboxTree()
  const cache = await Cache.open()
  const version = (motd: string) => tree.with(files({ '/etc/motd': motd }))
  const session = await temporaryDirectory()
  const first = await cache.build(version('one\n'))
  await first.lend('12345678', session)
  const second = await cache.build(version('two\n'))
  expect(await text(first.path, 'etc/motd')).toBe('one\n')
  expect(await text(second.path, 'etc/motd')).toBe('two\n')
  // Its session has ended
  await rm(session, { recursive: true })
  await cache.build(version('three\n'))
  await cache.build(version('four\n'))
  expect((await cache.store.entries()).filter(({ kind }) => kind === 'files')).toHaveLength(2)
})

test('a changed input of a command rebuilds its layer and those above, and is named in the message', async () => {
  const { tree } = await busyboxTree()
  const cache = await Cache.open()
  const baseDirectory = await temporaryDirectory()
  await writeFile(join(baseDirectory, 'list'), 'a\n')
  const layered = tree.with(
    command(['cp', 'list', '/etc/list'], { inputs: ['list'] }),
    command(['sh', '-c', 'cat /etc/list >/etc/copy; rm /etc/motd']),
    files({ '/etc/top': 'top\n' }),
  )
  const first = await cache.build(layered, { baseDirectory })
  expect(await text(first.path, 'etc/copy')).toBe('a\n')
  expect(lstatSync(join(first.path, 'etc/motd'), { throwIfNoEntry: false })).toBeUndefined()
  await appendFile(join(baseDirectory, 'list'), 'b\n')
  const second = await cache.build(layered, { baseDirectory })
  expect(await text(second.path, 'etc/copy')).toBe('a\nb\n')
  expect(cache.begun).toEqual([
    'command cp list /etc/list: changed: file list',
    'command sh -c cat /etc/list >/etc/copy; rm /etc/motd: a lower step changed',
    'file /etc/top: a lower step changed',
  ])
  expect(second.steps.map(({ state }) => state)).toEqual(['cached', 'made', 'made', 'made'])
})

test('directories that a command removes, makes again or replaces by files are kept as the command left them', async () => {
  const { tree } = await busyboxTree()
  const cache = await Cache.open()
  const script = `
    cd /usr/share && rm -r data && mkdir data && echo new >data/new
    rm -r /var/lib && echo file >/var/lib
    rm /etc/motd && mkdir /etc/motd && ln -s ../group /etc/motd/link
    mkdir "/etc/a b" && echo x >"/etc/a b/$(printf 'new\\nline')" && echo y >/etc/.hidden
    chmod 4755 /bin/busybox`
  const { path } = await cache.build(tree.with(command(['sh', '-c', script])))
  expect(lstatSync(join(path, 'usr/share/data/1'), { throwIfNoEntry: false })).toBeUndefined()
  expect(await text(path, 'usr/share/data/new')).toBe('new\n')
  expect(await text(path, 'var/lib')).toBe('file\n')
  expect(await text(path, 'etc/motd/link')).toContain('staff')
  expect(await text(path, 'etc/a b/new\nline')).toBe('x\n')
  expect(await text(path, 'etc/.hidden')).toBe('y\n')
  expect((await stat(join(path, 'bin/busybox'))).mode & 0o7777).toBe(0o4755)
  // The tree below is unchanged
  const [below] = (await cache.store.entries()).filter(({ kind }) => kind === 'directory')
  expect(await text(below?.path ?? '', 'etc/motd')).toBe('below\n')
  expect(await text(below?.path ?? '', 'usr/share/data/1')).toBe('1\n')
})

test('a directory tree is used in place, and a change in it rebuilds the layers on it', async () => {
  const { tree, path } = await busyboxTree()
  const cache = await Cache.open()
  const first = await cache.build(tree)
  expect(first.path).toBe(path)
  await writeFile(join(path, 'etc/motd'), 'other\n')
  expect((await cache.build(tree)).digest).not.toBe(first.digest)
  const layered = await cache.build(tree.with(files({ '/etc/new': '' })))
  await writeFile(join(path, 'etc/motd'), 'again\n')
  const again = await cache.build(tree.with(files({ '/etc/new': '' })))
  expect(cache.begun[0]).toBe(`directory ${path}: changed: /etc/motd`)
  expect(await text(again.path, 'etc/motd')).toBe('again\n')
  expect(await text(layered.path, 'etc/motd').catch(() => 'turned into the new one')).not.toBe(
    'again\n',
  )
})

test('a tree changed by hand is used, and refused by verifyTree', async () => {
  const { tree } = await busyboxTree()
  const cache = await Cache.open()
  const layered = tree.with(command(['true']))
  const { path, key } = await cache.build(layered)
  const passwd = join(path, 'etc/passwd')
  const before = await readFile(passwd, 'utf8')
  await rm(passwd)
  await writeFile(passwd, `${before}evil::0:0::/:/bin/sh\n`)
  expect((await cache.build(layered)).path).toBe(path)
  await expect(verifyTree(layered, { store: cache.store })).rejects.toMatchObject({
    code: 'TREE_DAMAGED',
    details: { paths: ['/etc/passwd has different content'] },
    message: expect.stringContaining(`clean --tree ${key?.slice(0, 12)}`),
  })
})

test('an unfinished tree is not used: its build ended before the rename', async () => {
  const { tree } = await busyboxTree()
  const cache = await Cache.open()
  const layered = tree.with(files({ '/etc/motd': 'hello\n' }))
  const { key = '', path } = await cache.build(layered)
  const entry = cache.store.entryDirectory(key)
  // As a killed build leaves it: complete except for its last step
  await rename(entry, join(cache.store.directory, 'building', `${key}.00000000`))
  const again = await cache.build(layered)
  expect(again.steps.map(({ state }) => state)).toEqual(['cached', 'made'])
  expect(await text(path, 'etc/motd')).toBe('hello\n')
  expect(await cache.unfinished()).toEqual([])
})

test('a tree whose record cannot be read is rebuilt, unless a session uses it', async () => {
  const { tree } = await busyboxTree()
  const cache = await Cache.open()
  const layered = tree.with(files({ '/etc/motd': 'hello\n' }))
  const { key = '', path, digest, lend } = await cache.build(layered)
  const record = join(cache.store.entryDirectory(key), 'entry.json')
  // Contents that a power cut, or another program, may leave in a file
  for (const found of ['', '{"format":1}', '{"format":1,"top":{']) {
    await writeFile(record, found)
    const again = await cache.build(layered)
    expect(again).toMatchObject({ path, digest })
    expect(again.steps.map(({ state }) => state)).toEqual(['cached', 'made'])
  }
  const session = await temporaryDirectory()
  await lend('12345678', session)
  await writeFile(record, '')
  await expect(cache.build(layered)).rejects.toMatchObject({
    code: 'TREE_DAMAGED',
    message: expect.stringContaining('while it is used by session-12345678'),
  })
  expect(await text(path, 'etc/motd')).toBe('hello\n')
  expect(await cache.unfinished()).toEqual([])
})
