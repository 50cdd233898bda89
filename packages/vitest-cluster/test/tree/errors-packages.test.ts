import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { command, files, packages } from '../../src/definition/tree-layers.ts'
import type { Tree } from '../../src/tree/define.ts'
import { type Mirror, startMirror, type Way } from '../helpers/deb-mirror.ts'
import { type DebRepository, makeDebRepository, SUITE } from '../helpers/deb-repository.ts'
import { DEBIAN, type DebianCache, openDebianCache, reachedHost } from '../helpers/debian.ts'
import { skipWhen } from '../helpers/situation.ts'
import { treeFailure } from '../helpers/tree-failure.ts'

let cache: DebianCache | undefined
let repository: DebRepository
let mirror: Mirror
/** Debian, whose apt takes packages from the test's repository. */
let tree: Tree

beforeAll(async () => {
  cache = await openDebianCache()
  repository = await makeDebRepository([
    { name: 'tool', files: { 'usr/share/tool': 'tool\n' } },
    { name: 'another' },
  ])
  mirror = await startMirror(repository.directory)
  tree = DEBIAN.with(
    files({
      '/etc/apt/sources.list': `deb ${mirror.url} ${SUITE} main\n`,
      '/etc/apt/trusted.gpg.d/test.asc': await readFile(repository.key, 'utf8'),
      // It would wait longer before each retry
      '/etc/apt/apt.conf.d/90test': 'Acquire::Retries "0";\n',
    }),
  )
  await cache?.build(tree)
})

afterAll(async () => {
  await mirror.close()
  await repository.close()
  await cache?.close()
})

beforeEach(({ skip }) => skipWhen(skip, !cache, "Debian's mirror cannot be reached"))

test.for(['none', 'altered', 'cut'] as const satisfies readonly Way[])(
  "a mirror that misbehaves (%s) fails the layer of packages with apt's message",
  async (way) => {
    void mirror.behave(way)
    const error = await treeFailure(cache as DebianCache, tree.with(packages(['tool'])))
    expect([error.code, error.details.step]).toEqual(['TREE_FAILED', 'packages tool'])
    expect(error.message).toMatch(/apt-get ended with \d+ /)
    // The message of the tree's apt
    expect(error.details.log?.join('\n')).toContain(mirror.url)
    expect(error.details.fix).toContain("check that the tree's repositories can be reached")
  },
)

test('a failed layer of packages is built once the mirror works again', async () => {
  void mirror.behave('well')
  const built = await cache?.build(tree.with(packages(['tool'])))
  expect(built?.steps.map(({ state }) => state)).toEqual(['cached', 'cached', 'made'])
  expect(await readFile(join(`${built?.path}`, 'usr/share/tool'), 'utf8')).toBe('tool\n')
  const unknown = await treeFailure(cache as DebianCache, tree.with(packages(['toool'])))
  expect([unknown.code, unknown.details.step]).toEqual(['TREE_FAILED', 'packages toool'])
  expect(unknown.details.log?.join('\n')).toContain('toool')
  expect(unknown.details.fix).toContain('check the names of the packages: toool\n')
})

test('a command can look names up with network: true, and fails with a hint without it', async ({
  skip,
}) => {
  const host = await reachedHost()
  skipWhen(skip, host === undefined, "Debian's mirror cannot be reached")
  const program = 'gethostbyname($ARGV[0]) or die "no address: $!"'
  const lookUp = ['perl', '-e', program, `${host}`]
  const error = await treeFailure(cache as DebianCache, tree.with(command(lookUp)))
  expect(error.code).toBe('TREE_FAILED')
  expect(error.details.log?.join('\n')).toContain('no address')
  expect(error.details.fix).toContain('network: true')
  await cache?.build(tree.with(command(lookUp, { network: true })))
})

test('a mirror that does not answer fails the layer of packages', async () => {
  await mirror.close()
  const error = await treeFailure(cache as DebianCache, tree.with(packages(['another'])))
  expect(error.code).toBe('TREE_FAILED')
  expect(error.message).toMatch(/Connection refused|Unable to connect/)
})
