import { constants } from 'node:fs'
import {
  link,
  mkdir,
  readdir,
  readFile,
  readlink,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { expect, test } from 'vitest'
import { HeldDirectory, NotFollowed } from '../../src/disk/held-directory.ts'
import { scratchDirectory } from '../helpers/temporary.ts'

const MODE = { mode: 0o600 }

async function held() {
  const [path, outside] = [await scratchDirectory(), await scratchDirectory()]
  await writeFile(join(outside, 'file'), 'theirs')
  return { path, outside, directory: await HeldDirectory.open(path) }
}

test('a link within a path is not followed', async () => {
  const { path, outside, directory } = await held()
  await symlink(outside, join(path, 'link'))
  for (const to of ['link', 'link/deeper', './link'])
    await expect(directory.below(to, { mode: 0o755 })).rejects.toThrow(NotFollowed)
  await expect(directory.below('../..')).rejects.toThrow(NotFollowed)
  await expect(directory.read('link')).rejects.toThrow(NotFollowed)
  await directory.close()
})

test('a link in place of a file is not read or changed, and write() replaces it by a file', async () => {
  const { path, outside, directory } = await held()
  await symlink(join(outside, 'file'), join(path, 'file'))
  await expect(directory.read('file')).rejects.toThrow(NotFollowed)
  await expect(directory.change('file')).rejects.toThrow(NotFollowed)
  await expect(directory.create('file', 0o600)).rejects.toThrow('EEXIST')
  await directory.write('file', 'ours', MODE)
  expect(await readFile(join(outside, 'file'), 'utf8')).toBe('theirs')
  expect(await readFile(join(path, 'file'), 'utf8')).toBe('ours')
  await directory.close()
})

test('write() replaces a hard link to a file elsewhere', async () => {
  const { path, outside, directory } = await held()
  await link(join(outside, 'file'), join(path, 'file'))
  await directory.write('file', 'ours', MODE)
  expect(await readFile(join(outside, 'file'), 'utf8')).toBe('theirs')
  await directory.close()
})

test('a directory that is moved while it is held is still the one that is written to', async () => {
  const { path, outside, directory } = await held()
  const below = await directory.below('a/b', { mode: 0o755 })
  await execa('mv', [join(path, 'a'), join(path, 'moved')])
  await symlink(outside, join(path, 'a'))
  await mkdir(join(outside, 'b'))
  await below.write('file', 'ours', { mode: 0o640 })
  expect(await readFile(join(path, 'moved/b/file'), 'utf8')).toBe('ours')
  expect((await stat(join(path, 'moved/b/file'))).mode & constants.S_IFMT).toBe(constants.S_IFREG)
  expect((await stat(join(path, 'moved/b/file'))).mode & 0o7777).toBe(0o640)
  await expect(stat(join(outside, 'b/file'))).rejects.toThrow('ENOENT')
  await below.close()
  await directory.close()
})

test('a file that is not regular, such as a FIFO, is an error without a wait', async () => {
  const { path, directory } = await held()
  await execa('mkfifo', [join(path, 'fifo')])
  await expect(directory.read('fifo')).rejects.toThrow(NotFollowed)
  await expect(directory.change('fifo')).rejects.toThrow(NotFollowed)
  await mkdir(join(path, 'directory'))
  await expect(directory.read('directory')).rejects.toThrow(NotFollowed)
  await expect(directory.write('directory', 'text', MODE)).rejects.toThrow()
  // No partial file is left
  expect((await execa('ls', ['-A', path])).stdout.split('\n')).toEqual(['directory', 'fifo'])
  await directory.close()
})

test('failed calls leave no descriptor open', async () => {
  const { path, directory } = await held()
  // Other tests of this process may have files open
  const open = async () => {
    const numbers = await readdir('/proc/self/fd')
    const read = (fd: string) => readlink(`/proc/self/fd/${fd}`).catch(() => '')
    return (await Promise.all(numbers.map(read))).filter((to) => to.startsWith(path))
  }
  await symlink('/', join(path, 'link'))
  for (const to of ['link/x', 'missing/x', 'link', '../x'])
    await directory.below(to).catch(() => {})
  await directory.read('missing').catch(() => {})
  await directory.write('a', 'text', MODE)
  await (await directory.below('a/b/c', { mode: 0o755 }).catch(() => undefined))?.close()
  await (await directory.below('d/e', { mode: 0o755 })).close()
  expect(await open()).toHaveLength(1)
  await directory.close()
  expect(await open()).toEqual([])
})
