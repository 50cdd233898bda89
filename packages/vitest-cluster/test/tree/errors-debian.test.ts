import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { packages } from '../../src/definition/tree-layers.ts'
import { debianTree } from '../../src/tree/define.ts'
import { hasDebian, mirror, type Way } from '../helpers/mirror.ts'
import { skipWhen } from '../helpers/situation.ts'
import { temporaryDirectory } from '../helpers/temporary.ts'
import { treeFailure } from '../helpers/tree-failure.ts'
import { Cache } from '../helpers/trees.ts'

const REACHED = await hasDebian()

beforeEach(({ skip }) => skipWhen(skip, !REACHED, "Debian's mirror cannot be reached"))

const suite = 'trixie'

test('a suite, a component and a package that are not there', async () => {
  const cache = await Cache.open()
  const one = await treeFailure(cache, debianTree({ suite: 'trixy' }))
  expect(one).toMatchObject({ code: 'UNKNOWN_SUITE', details: { step: 'debian trixy' } })
  expect(one.message).toContain("there is no suite 'trixy' at http://deb.debian.org/debian")
  const two = await treeFailure(cache, debianTree({ suite, components: ['mian'] }))
  expect(two.code).toBe('UNKNOWN_SUITE')
  expect(two.message).toContain("trixie has no component 'mian'")
  const three = await treeFailure(cache, debianTree({ suite, packages: ['nano', 'slapdd'] }))
  expect(three.code).toBe('UNKNOWN_PACKAGE')
  expect(three.message).toContain("there is no package 'slapdd' in trixie")
})

const ways: Record<Exclude<Way, 'well'>, { code: string; says: string }> = {
  none: { code: 'UNKNOWN_SUITE', says: 'there is no suite' },
  altered: { code: 'TREE_SIGNATURE', says: 'is not as its owner has signed it' },
  cut: { code: 'TREE_UNREACHABLE', says: 'packages could not be fetched' },
}

test('a mirror that has no suites, alters them, ends half-way, or is not there', async () => {
  const cache = await Cache.open()
  const { url, behave, close } = await mirror()
  const tree = debianTree({ suite, mirror: url })
  for (const [way, { code, says }] of Object.entries(ways)) {
    behave(way as Way)
    const error = await treeFailure(cache, tree)
    expect([way, error.code, error.details.step]).toEqual([way, code, 'debian trixie'])
    expect(error.message).toContain(says)
  }
  // The same for the tree's own apt, which prints other things than the host's
  behave('well')
  await cache.build(tree)
  const layered = tree.with(packages(['nano']))
  const unknown = await treeFailure(cache, tree.with(packages(['nanoo'])))
  expect(unknown).toMatchObject({ code: 'UNKNOWN_PACKAGE', details: { step: 'packages nanoo' } })
  for (const [way, { code, says }] of Object.entries(ways)) {
    behave(way as Way)
    const error = await treeFailure(cache, layered)
    expect([way, error.code, error.details.step]).toEqual([way, code, 'packages nano'])
    expect(error.message).toContain(says)
  }
  // and then it is well again
  behave('well')
  expect((await cache.build(layered)).steps.map(({ state }) => state)).toEqual(['cached', 'made'])
  await close()
  const gone = await treeFailure(cache, tree.with(packages(['less'])))
  expect(gone.code).toBe('TREE_UNREACHABLE')
})

test('a mirror that nobody answers at', async () => {
  const cache = await Cache.open()
  const { url, close } = await mirror()
  await close()
  const error = await treeFailure(cache, debianTree({ suite, mirror: url }))
  expect(error.code).toBe('TREE_UNREACHABLE')
  expect(error.message).toContain('Connection refused')
})

test('keys of somebody else, none, and a file that is not there', async () => {
  const cache = await Cache.open()
  const baseDirectory = await temporaryDirectory()
  await writeFile(join(baseDirectory, 'empty.gpg'), '')
  const withKeys = (keyring: string) =>
    treeFailure(cache, debianTree({ suite, keyring }), { baseDirectory })
  const error = await withKeys('empty.gpg')
  expect(error.code).toBe('TREE_SIGNATURE')
  expect(error.message).toMatch(/signed by a key that is not trusted here: [0-9A-F]{16} /)
  await writeFile(join(baseDirectory, 'none.gpg'), 'no keys\n')
  expect((await withKeys('none.gpg')).code).toBe('TREE_SIGNATURE')
  expect(await withKeys('absent.gpg')).toMatchObject({ code: 'UNREADABLE_FILE' })
})
