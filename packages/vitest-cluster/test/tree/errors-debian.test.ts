import { mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { command, files, packages } from '../../src/definition/tree-layers.ts'
import { archiveTree, debianTree, type Tree } from '../../src/tree/define.ts'
import { type DebRepository, startDebRepository, type Way } from '../helpers/deb-repository.ts'
import { debianArchive, SUITE as suite } from '../helpers/debian.ts'
import { makeGpgKey } from '../helpers/gpg-key.ts'
import { removeAsCleaner, temporaryDirectory } from '../helpers/temporary.ts'
import { treeFailure, treeFailures } from '../helpers/tree-failure.ts'
import { Cache } from '../helpers/trees.ts'

let repository: DebRepository
let directory: string
let cache: Cache
/** A real Debian, whose own apt is another one than the host's. */
let debian: Tree

beforeAll(async () => {
  // What apt asks of every archive before it unpacks anything
  const essential = ['Essential: yes', 'Priority: required']
  repository = await startDebRepository(suite, [
    { name: 'base-files', fields: essential, files: { '/usr/share/base': 'x'.repeat(100_000) } },
    { name: 'apt' },
    { name: 'tool', files: { '/etc/tool': 'x'.repeat(100_000) } },
  ])
  directory = await mkdtemp(join(tmpdir(), 'vct-'))
  cache = new Cache(directory)
  debian = archiveTree(await debianArchive())
  await cache.build(debian)
}, 300_000)

afterAll(async () => {
  await repository?.close()
  if (directory) await removeAsCleaner(directory)
})

/** A Debian of the repository. */
function base(way: Way, options: object = {}): Tree {
  const { keyring } = repository
  return debianTree({ suite, mirror: repository.mirror(way), keyring, ...options })
}

/** The real Debian, with packages of the repository in a layer. */
function layer(way: Way, ...names: string[]): Tree {
  const source = `deb [signed-by=/etc/apt/test.asc] ${repository.mirror(way)} ${suite} main\n`
  const key = { from: repository.keyring }
  const from = files({ '/etc/apt/sources.list': source, '/etc/apt/test.asc': key })
  return debian.with(from).with(packages(names))
}

describe('an archive that has not what is asked for', () => {
  test.for([
    {
      options: { suite: 'trixy' },
      says: "debian trixy: there is no suite 'trixy' at MIRROR [UNKNOWN_SUITE]",
    },
    {
      options: { components: ['mian'] },
      says: "debian trixie: trixie has no component 'mian' [UNKNOWN_SUITE]",
    },
  ])('$options', async ({ options, says }) => {
    const { message } = await treeFailure(cache, base('well', options))
    expect(message.split('\n')[0]).toBe(says.replace('MIRROR', repository.mirror('well')))
  })

  test('a package of a layer', async () => {
    const error = await treeFailure(cache, layer('well', 'tooll'))
    expect([error.code, error.details.step]).toEqual(['UNKNOWN_PACKAGE', 'packages tooll'])
  })
})

test.for([
  { way: 'none', code: 'UNKNOWN_SUITE', says: /there is no suite/ },
  { way: 'altered', code: 'TREE_SIGNATURE', says: /is not as its owner has signed it/ },
  { way: 'cut', code: 'TREE_UNREACHABLE', says: /packages could not be fetched/ },
] as const)('a mirror that misbehaves: $way', async ({ way, code, says }) => {
  // Side by side, for apt waits before it tries again. The tree's own prints other things than the host's
  const errors = await treeFailures(cache, [base(way), layer(way, 'tool')])
  expect(errors.map((error) => [error.code, error.details.step])).toEqual([
    [code, 'debian trixie'],
    [code, 'packages tool'],
  ])
  for (const { message } of errors) expect(message).toMatch(says)
})

test('a layer that failed is made when what it needs is there again', async () => {
  await treeFailure(cache, layer('none', 'tool'))
  const { steps, path } = await cache.build(layer('well', 'tool'))
  expect(steps.map(({ state }) => state)).toEqual(['cached', 'made', 'made'])
  expect(await readFile(join(path, 'etc/tool'), 'utf8')).toMatch(/^x+$/)
})

test('addresses that are none, and two of them', () => {
  const mirror = repository.mirror('well')
  for (const options of [
    { mirror: 'nowhere' },
    { snapshot: '20260901' },
    { mirror, snapshot: mirror },
  ])
    expect(() => debianTree({ suite, ...options })).toThrow('[INVALID_DEFINITION]')
})

test('a command that opens a connection, with and without the network', async () => {
  const url = new URL(repository.mirror('well'))
  const program = `use IO::Socket::INET; IO::Socket::INET->new("${url.host}") or die "no way: $!"`
  const connect = ['perl', '-e', program]
  const error = await treeFailure(cache, debian.with(command(connect)))
  expect(error.code).toBe('TREE_FAILED')
  expect(error.details.log?.join('\n')).toContain('no way')
  expect(error.details.mend).toContain('network: true')
  await cache.build(debian.with(command(connect, { network: true })))
})

test('keys of somebody else, none, and a file that is not there', async () => {
  const baseDirectory = await temporaryDirectory()
  await makeGpgKey(join(baseDirectory, 'other.gpg'))
  await writeFile(join(baseDirectory, 'empty.gpg'), '')
  const withKeys = (keyring: string) =>
    treeFailure(cache, base('well', { keyring }), { baseDirectory })
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

test('a mirror that nobody answers at', async () => {
  const trees = [base('well'), layer('well', 'tool', 'apt')]
  await repository.stop()
  for (const error of await treeFailures(cache, trees)) {
    expect(error.code).toBe('TREE_UNREACHABLE')
    expect(error.message).toMatch(/Connection refused|Unable to connect|Could not connect/)
  }
})
