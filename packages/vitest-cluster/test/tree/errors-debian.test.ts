import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { beforeAll, expect, test } from 'vitest'
import { debianTree } from '../../src/tree/define.ts'
import { mirrorOf, type Way } from '../helpers/deb-mirror.ts'
import { type DebRepository, makeDebRepository, SUITE } from '../helpers/deb-repository.ts'
import { makeGpgKey } from '../helpers/gpg-key.ts'
import { SMALL_DEBIAN } from '../helpers/small-debian.ts'
import { temporaryDirectory } from '../helpers/temporary.ts'
import { treeFailure, treeFailures } from '../helpers/tree-failure.ts'
import { Cache } from '../helpers/trees.ts'

let repository: DebRepository

beforeAll(async () => {
  repository = await makeDebRepository(SMALL_DEBIAN)
  return repository.close
})

/** The small Debian at a mirror that goes with the test. */
async function small(way?: Way) {
  const { directory, key: keyring } = repository
  const { url: mirror, close } = await mirrorOf(directory, way)
  return { options: { suite: SUITE, mirror, keyring }, close }
}

test('a suite, a component and a package that are not there', async () => {
  const { options } = await small()
  const errors = await treeFailures(await Cache.open(), [
    debianTree({ ...options, suite: 'trixy' }),
    debianTree({ ...options, components: ['mian'] }),
    debianTree({ ...options, packages: ['tool', 'toool'] }),
  ])
  expect(errors.map(({ message }) => message.split('\n')[0])).toEqual([
    `debian trixy: there is no suite 'trixy' at ${options.mirror} [UNKNOWN_SUITE]`,
    "debian trixie: trixie has no component 'mian' [UNKNOWN_SUITE]",
    "debian trixie: there is no package 'toool' in trixie [UNKNOWN_PACKAGE]",
  ])
})

test('a mirror that misbehaves, or that nobody answers at', async () => {
  const [none, altered, cut, closed] = await Promise.all([
    small('none'),
    small('altered'),
    small('cut'),
    small(),
  ])
  await closed.close()
  // At the same time: apt tries the last two some times, and waits longer and longer between
  const trees = [none, altered, cut, closed].map(({ options }) => debianTree(options))
  const errors = await treeFailures(await Cache.open(), trees)
  expect(errors.map(({ code, message }) => `${code} ${message}`)).toEqual([
    expect.stringMatching(/^UNKNOWN_SUITE .*there is no suite 'trixie' at http/),
    expect.stringMatching(/^TREE_SIGNATURE .*is not as its owner has signed it/),
    expect.stringMatching(/^TREE_UNREACHABLE .*packages could not be fetched at http/),
    expect.stringMatching(
      /^TREE_UNREACHABLE .*packages could not be fetched at http[\s\S]*(?:Connection refused|Unable to connect)/,
    ),
  ])
  for (const { details } of errors) expect(details.step).toBe('debian trixie')
})

test('a snapshot, with keys of its own, is where its packages come from', async () => {
  const { options } = await small()
  const { suite, keyring, mirror: snapshot } = options
  const tree = debianTree({ suite, keyring, snapshot, packages: ['tool'] })
  const cache = await Cache.open()
  const { path } = await cache.build(tree)
  expect(await readFile(join(path, 'usr/share/tool'), 'utf8')).toBe('tool\n')
  const sources = await readFile(join(path, 'etc/apt/sources.list'), 'utf8')
  expect(sources.trim()).toBe(`deb ${snapshot} ${suite} main`)
  const apt = await execa('grep', ['-rh', 'Valid-Until', join(path, 'etc/apt/apt.conf.d')])
  expect(apt.stdout).toContain('Acquire::Check-Valid-Until "false"')
  // Layers take packages from there, too
  const trusted = join(path, 'etc/apt/trusted.gpg.d/vitest-cluster.asc')
  expect(await readFile(trusted, 'utf8')).toBe(await readFile(keyring, 'utf8'))
  expect((await cache.build(tree)).steps).toMatchObject([{ state: 'cached' }])
})

test('addresses that are none, and two of them', () => {
  const url = 'http://127.0.0.1:1/debian'
  for (const options of [
    { mirror: 'nowhere' },
    { snapshot: '20260901' },
    { mirror: url, snapshot: url },
  ])
    expect(() => debianTree({ suite: SUITE, ...options })).toThrow('[INVALID_DEFINITION]')
})

test('keys of somebody else, none, and a file that is not there', async () => {
  const { options } = await small()
  const baseDirectory = await temporaryDirectory()
  await makeGpgKey(join(baseDirectory, 'other.gpg'))
  await writeFile(join(baseDirectory, 'empty.gpg'), '')
  await writeFile(join(baseDirectory, 'none.gpg'), 'no keys\n')
  const cache = await Cache.open()
  const trees = ['other.gpg', 'empty.gpg', 'none.gpg', 'absent.gpg'].map((keyring) =>
    debianTree({ ...options, keyring }),
  )
  const [others, empty, none, absent] = await treeFailures(cache, trees, { baseDirectory })
  expect(others?.code).toBe('TREE_SIGNATURE')
  expect(others?.message).toMatch(/signed by a key that is not trusted here: [0-9A-F]{16,40} /)
  expect(empty?.code).toBe('TREE_SIGNATURE')
  expect(empty?.message).toContain('signed by a key that is not trusted here')
  expect(none?.code).toBe('TREE_SIGNATURE')
  expect(absent?.code).toBe('UNREADABLE_FILE')
  // Where none are named, Debian's own are trusted and no other
  const { keyring: _, ...unsaid } = options
  expect((await treeFailure(cache, debianTree(unsaid))).code).toBe('TREE_SIGNATURE')
})
