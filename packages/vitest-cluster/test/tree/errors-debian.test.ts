import { mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { command, packages } from '../../src/definition/tree-layers.ts'
import { debianTree } from '../../src/tree/define.ts'
import { makeGpgKey } from '../helpers/gpg-key.ts'
import { DEBIAN_HOST, hasDebian, startMirror, type Way } from '../helpers/mirror.ts'
import { skipWhen } from '../helpers/situation.ts'
import { removeAsCleaner, temporaryDirectory } from '../helpers/temporary.ts'
import { treeFailure, treeFailures } from '../helpers/tree-failure.ts'
import { Cache } from '../helpers/trees.ts'

const REACHED = await hasDebian()
const suite = 'trixie'
// One tree for all: what it costs is what these tests take
const directory = await mkdtemp(join(tmpdir(), 'vct-'))
const cache = new Cache(directory)
const { url, behave, close } = await startMirror()
const tree = debianTree({ suite, mirror: url })

// A machine that does much else takes its time to unpack a Debian
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 })

beforeAll(async () => {
  if (REACHED) await cache.build(tree)
})

beforeEach(({ skip }) => skipWhen(skip, !REACHED, "Debian's mirror cannot be reached"))

afterAll(async () => {
  await close()
  await removeAsCleaner(directory)
})

test('a suite, a component and a package that are not there', async () => {
  const errors = await treeFailures(cache, [
    debianTree({ suite: 'trixy' }),
    debianTree({ suite, components: ['mian'] }),
    debianTree({ suite, packages: ['nano', 'slapdd'] }),
  ])
  expect(errors.map(({ message }) => message.split('\n')[0])).toEqual([
    "debian trixy: there is no suite 'trixy' [UNKNOWN_SUITE]",
    "debian trixie: trixie has no component 'mian' [UNKNOWN_SUITE]",
    "debian trixie: there is no package 'slapdd' in trixie [UNKNOWN_PACKAGE]",
  ])
})

const ways: Record<string, { code: string; says: string }> = {
  none: { code: 'UNKNOWN_SUITE', says: 'there is no suite' },
  altered: { code: 'TREE_SIGNATURE', says: 'is not as its owner has signed it' },
  cut: { code: 'TREE_UNREACHABLE', says: 'packages could not be fetched' },
}

test.for(Object.entries(ways))(
  'a mirror that misbehaves (%s) while a tree and a layer are made',
  async ([way, { code, says }]) => {
    void behave(way as Way)
    // The tree's own apt prints other things than the host's
    const [base, layer] = await treeFailures(cache, [
      debianTree({ suite, mirror: url, packages: ['nano'] }),
      tree.with(packages(['nano'])),
    ])
    expect([base?.code, base?.details.step]).toEqual([code, 'debian trixie'])
    expect([layer?.code, layer?.details.step]).toEqual([code, 'packages nano'])
    for (const error of [base, layer]) expect(error?.message).toContain(says)
  },
)

test('a layer that failed is made when what it wanted is well again', async () => {
  void behave('well')
  const layered = tree.with(packages(['nano']))
  expect((await cache.build(layered)).steps.map(({ state }) => state)).toEqual(['cached', 'made'])
  const unknown = await treeFailure(cache, tree.with(packages(['nanoo'])))
  expect([unknown.code, unknown.details.step]).toEqual(['UNKNOWN_PACKAGE', 'packages nanoo'])
})

test('a snapshot is where its packages come from', async () => {
  void behave('well')
  const { path } = await cache.build(debianTree({ suite, snapshot: url }))
  const sources = await readFile(join(path, 'etc/apt/sources.list'), 'utf8')
  expect(sources.trim()).toBe(`deb ${url} ${suite} main`)
  const apt = await execa('grep', ['-rh', 'Valid-Until', join(path, 'etc/apt/apt.conf.d')])
  expect(apt.stdout).toContain('Acquire::Check-Valid-Until "false"')
})

test('addresses that are none, and two of them', () => {
  for (const options of [
    { mirror: 'nowhere' },
    { snapshot: '20260901' },
    { mirror: url, snapshot: url },
  ])
    expect(() => debianTree({ suite, ...options })).toThrow('[INVALID_DEFINITION]')
})

test('a command that looks a name up, with and without the network', async () => {
  const program = 'gethostbyname($ARGV[0]) or die "no address: $!"'
  const lookUp = ['perl', '-e', program, `${DEBIAN_HOST}`]
  const error = await treeFailure(cache, tree.with(command(lookUp)))
  expect(error.code).toBe('TREE_FAILED')
  expect(error.details.log?.join('\n')).toContain('no address')
  expect(error.details.mend).toContain('network: true')
  await cache.build(tree.with(command(lookUp, { network: true })))
})

test('a mirror that nobody answers at', async () => {
  await close()
  const errors = await treeFailures(cache, [
    debianTree({ suite, mirror: url, packages: ['less'] }),
    tree.with(packages(['less'])),
  ])
  for (const error of errors) {
    expect(error.code).toBe('TREE_UNREACHABLE')
    expect(error.message).toMatch(/Connection refused|Unable to connect/)
  }
})

test('keys of somebody else, none, and a file that is not there', async () => {
  const baseDirectory = await temporaryDirectory()
  await makeGpgKey(join(baseDirectory, 'other.gpg'))
  await writeFile(join(baseDirectory, 'empty.gpg'), '')
  const withKeys = (keyring: string) =>
    treeFailure(cache, debianTree({ suite, keyring }), { baseDirectory })
  const others = await withKeys('other.gpg')
  expect(others.code).toBe('TREE_SIGNATURE')
  expect(others.message).toMatch(/signed by a key that is not trusted here: [0-9A-F]{16,40} /)
  const none = await withKeys('empty.gpg')
  expect(none.code).toBe('TREE_SIGNATURE')
  expect(none.message).toContain('signed by a key that is not trusted here')
  await writeFile(join(baseDirectory, 'none.gpg'), 'no keys\n')
  expect((await withKeys('none.gpg')).code).toBe('TREE_SIGNATURE')
  expect(await withKeys('absent.gpg')).toMatchObject({ code: 'UNREADABLE_FILE' })
})
