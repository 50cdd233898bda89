import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { beforeAll, expect, test } from 'vitest'
import type { ClusterError } from '../../src/index.ts'
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

/** The small Debian at a mirror of the test. */
async function small(way?: Way) {
  const { directory, key: keyring } = repository
  const { url: mirror, close } = await mirrorOf(directory, way)
  return { options: { suite: SUITE, mirror, keyring }, close }
}

test("debianTree() with an unknown suite, component or package fails with apt's message", async () => {
  const { options } = await small()
  const errors = await treeFailures(await Cache.open(), [
    debianTree({ ...options, suite: 'trixy' }),
    debianTree({ ...options, components: ['mian'] }),
    debianTree({ ...options, packages: ['tool', 'toool'] }),
  ])
  for (const [index, [suite, wrong]] of (
    [
      ['trixy', 'trixy'],
      ['trixie', 'mian'],
      ['trixie', 'toool'],
    ] as const
  ).entries()) {
    const { message, details } = errors[index] as ClusterError
    expect(message).toMatch(
      new RegExp(`^debian ${suite}: mmdebstrap ended with \\d+ \\[TREE_FAILED\\]\n`),
    )
    // With apt's message, and the option to correct
    expect(details.log?.join('\n')).toContain(wrong)
    expect(details.fix).toMatch(new RegExp(`check the name of .*\\b${wrong}`))
  }
})

test('debianTree() fails with the address of a mirror that misbehaves or does not answer', async () => {
  const [none, altered, cut, closed] = await Promise.all([
    small('none'),
    small('altered'),
    small('cut'),
    small(),
  ])
  await closed.close()
  // At the same time: apt retries the last two, and waits longer each time
  const trees = [none, altered, cut, closed].map(({ options }) => debianTree(options))
  const errors = await treeFailures(await Cache.open(), trees)
  for (const { code, details } of errors) {
    expect([code, details.step]).toEqual(['TREE_FAILED', 'debian trixie'])
    // apt names the file that it could not fetch or does not trust
    expect(details.log?.join('\n')).toMatch(/^\S.*http:\/\/127.*trixie/m)
    expect(details.fix).toMatch(/check that http:\S+ can be reached[\s\S]*keyring: /)
  }
})

test('debianTree() takes its packages from a snapshot with the given keys', async () => {
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
  // Layers take packages from the snapshot as well
  const trusted = join(path, 'etc/apt/trusted.gpg.d/vitest-cluster.asc')
  expect(await readFile(trusted, 'utf8')).toBe(await readFile(keyring, 'utf8'))
  expect((await cache.build(tree)).steps).toMatchObject([{ state: 'cached' }])
})

test('debianTree() refuses invalid addresses, and a mirror with a snapshot', () => {
  const url = 'http://127.0.0.1:1/debian'
  for (const options of [
    { mirror: 'nowhere' },
    { snapshot: '20260901' },
    { mirror: url, snapshot: url },
  ])
    expect(() => debianTree({ suite: SUITE, ...options })).toThrow('[INVALID_DEFINITION]')
})

test('debianTree() fails with the fix for wrong, empty and missing keys', async () => {
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
  for (const error of [others, empty, none]) {
    expect(error?.code).toBe('TREE_FAILED')
    expect(error?.details.fix).toContain(
      "name the keys that the archive is signed with: keyring: 'FILE.gpg'",
    )
    // apt names the archive that it does not trust
    expect(error?.details.log?.join('\n')).toContain(options.mirror)
  }
  expect(absent?.code).toBe('UNREADABLE_FILE')
  // Without keyring only Debian's keys are trusted
  const { keyring: _, ...unsaid } = options
  expect((await treeFailure(cache, debianTree(unsaid))).code).toBe('TREE_FAILED')
})
