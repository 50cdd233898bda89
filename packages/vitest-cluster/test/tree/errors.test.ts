// @module-tag user
import { chmod, mkdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { FileSource } from '../../src/definition/tree.ts'
import { type CommandOptions, command, files } from '../../src/definition/tree-layers.ts'
import { temporaryDirectory } from '../helpers/temporary.ts'
import { treeFailure } from '../helpers/tree-failure.ts'
import { busyboxTree, Cache } from '../helpers/trees.ts'

const commands: Record<
  string,
  { argv: string[]; options?: CommandOptions; code: string; says: string; log?: string }
> = {
  'that fails': {
    argv: ['sh', '-c', 'seq 100; echo "no such thing" >&2; exit 3'],
    code: 'TREE_FAILED',
    says: 'ended with 3',
    log: 'no such thing',
  },
  'that the tree lacks': {
    argv: ['make', 'install'],
    code: 'TREE_FAILED',
    says: 'The tree lacks the program or its interpreter',
    log: 'make',
  },
  'that is killed': {
    argv: ['sh', '-c', "sh -c 'kill -9 $$'; exit $?"],
    code: 'TREE_FAILED',
    says: 'ended with 137, killed by signal 9',
  },
  'that needs the network': {
    argv: ['wget', 'http://192.0.2.1/'],
    code: 'TREE_FAILED',
    says: 'The command has no network unless you set network: true.',
    log: 'Network is unreachable',
  },
  'with a missing input': {
    argv: ['true'],
    options: { inputs: ['absent'] },
    code: 'UNREADABLE_FILE',
    says: 'cannot read absent: ENOENT',
  },
  'with an input outside of the project': {
    argv: ['true'],
    options: { inputs: ['../'] },
    code: 'INVALID_DEFINITION',
    says: 'the input ../ is outside of',
  },
}

test.for(Object.entries(commands))(
  'a layer fails for a command %s',
  async ([, { argv, options, code, says, log }]) => {
    const cache = await Cache.open()
    const { tree } = await busyboxTree()
    const baseDirectory = join(await temporaryDirectory(), 'project')
    await mkdir(baseDirectory)
    const error = await treeFailure(cache, tree.with(command(argv, options)), { baseDirectory })
    expect(error.code).toBe(code)
    expect(error.message).toContain(says)
    expect(error.details.step).toBe(`command ${argv.join(' ')}`)
    if (log) expect(error.details.log?.join('\n')).toContain(log)
    // The tree below is complete
    const kinds = (await cache.store.entries()).map(({ kind }) => kind)
    expect(kinds.filter((kind) => kind !== 'directory')).toEqual([])
  },
)

const layers: Record<string, { at: string; source: FileSource; code: string; says: string }> = {
  'with a missing source': {
    at: '/etc/x',
    source: { from: 'absent' },
    code: 'UNREADABLE_FILE',
    says: 'ENOENT',
  },
  'in place of a directory': {
    at: '/etc',
    source: 'x',
    code: 'INVALID_DEFINITION',
    says: '/etc is a directory in the tree',
  },
  'below a file': {
    at: '/etc/motd/x',
    source: 'x',
    code: 'INVALID_DEFINITION',
    says: '/etc/motd/x cannot be created: /etc/motd is not a directory',
  },
  'of an account that the tree lacks': {
    at: '/etc/x',
    source: { content: 'x', owner: 'nobodyhere' },
    code: 'INVALID_DEFINITION',
    says: "/etc/x: the tree has no user 'nobodyhere'",
  },
  'of a group that the tree lacks': {
    at: '/etc/x',
    source: { content: 'x', owner: 'daemon:nogroup' },
    code: 'INVALID_DEFINITION',
    says: "/etc/x: the tree has no group 'nogroup'",
  },
  'at the path of the root': {
    at: '/.',
    source: 'x',
    code: 'INVALID_DEFINITION',
    says: 'the root of the tree itself',
  },
}

test.for(Object.entries(layers))(
  'a layer fails for a file %s',
  async ([, { at, source, code, says }]) => {
    const cache = await Cache.open()
    const { tree } = await busyboxTree()
    const error = await treeFailure(cache, tree.with(files({ [at]: source })))
    expect([error.code, error.details.step]).toEqual([code, `file ${at}`])
    expect(error.message).toContain(says)
  },
)

test.for(['/', '/../etc/x', '/etc/../../x', 'etc/x', '/etc/\0x'])(
  'a file at %j is refused in the definition',
  (at) => {
    expect(() => files({ [at]: 'x' })).toThrow(
      expect.objectContaining({ code: 'INVALID_DEFINITION' }),
    )
  },
)

test('links of a tree are followed with the tree as the root, and never out of it', async () => {
  const cache = await Cache.open()
  const { tree, path } = await busyboxTree()
  const outside = await temporaryDirectory()
  await chmod(outside, 0o777)
  await writeFile(join(outside, 'file'), 'outside\n', { mode: 0o666 })
  // To an absolute path, upwards out of the tree, through another link, and in place of a file
  await symlink(outside, join(path, 'absolute'))
  await symlink(`../../../../../../../..${outside}`, join(path, 'etc/climbs'))
  await symlink('../etc/climbs', join(path, 'usr/through'))
  await symlink(join(outside, 'file'), join(path, 'etc/link'))
  await symlink('round', join(path, 'round'))
  const { path: made } = await cache.build(
    tree.with(
      files({
        '/absolute/a': 'a\n',
        '/etc/climbs/b': 'b\n',
        '/usr/through/c': 'c\n',
        '/etc/link': 'd\n',
        '/bin/e': 'e\n',
      }),
    ),
  )
  const inside = (name: string) => readFile(join(made, outside, name), 'utf8')
  expect([await inside('a'), await inside('b'), await inside('c')]).toEqual(['a\n', 'b\n', 'c\n'])
  expect(await readFile(join(made, 'etc/link'), 'utf8')).toBe('d\n')
  expect(await readFile(join(made, 'usr/bin/e'), 'utf8')).toBe('e\n')
  expect(await readFile(join(outside, 'file'), 'utf8')).toBe('outside\n')
  // The links of the tree below are unchanged
  expect(await readFile(join(path, 'etc/link'), 'utf8')).toBe('outside\n')
  await expect(readFile(join(outside, 'a'))).rejects.toMatchObject({ code: 'ENOENT' })
  const error = await treeFailure(cache, tree.with(files({ '/round/x': 'x' })))
  expect(error.code).toBe('INVALID_DEFINITION')
})

test('a layer of packages on a tree without a package manager is an error', async () => {
  const cache = await Cache.open()
  const { packages } = await import('../../src/definition/tree-layers.ts')
  const { tree } = await busyboxTree()
  const error = await treeFailure(cache, tree.with(packages(['slapd'])))
  expect(error.code).toBe('TREE_FAILED')
  expect(error.message).toContain('the tree has no package manager')
})
