// @module-tag user
import { appendFile, chmod, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Shell } from '../support/cli.ts'
import { project } from '../support/project.ts'
import { plugin } from '../support/projects/plugin.ts'
import { TreeShell } from '../support/tree.ts'

test('tree builds the tree, finds it in the cache the next time, and prints what the cache saved', async () => {
  const shell = await TreeShell.open()
  const made = await shell.run('tree')
  expect(made.stderr).toMatch(/^tree: directory .*: built in .* \(.* kB, 2 files\)$/m)
  expect(made.stderr).toMatch(/^tree: files \(2\): built in /m)
  expect(made.stdout).toMatch(/^path +\/.*\/root$/m)
  expect(made.stdout).toMatch(/^digest +[0-9a-f]{64}$/m)
  expect(made.stdout).toMatch(/^size +100 kB, 4 files$/m)
  expect(made.stdout).toMatch(/^files \(2\) +made +[\d.]+ m?s +[0-9a-f]{12}$/m)
  const found = await shell.run('tree')
  expect(found.stdout).toMatch(/^saved +[\d.]+ m?s by the cache$/m)
  expect(found.stdout).toMatch(/^files \(2\) +cached /m)
  const json = await shell.tree()
  expect(found.stdout).toContain(json.path)
  expect(json).toMatchObject({
    digest: expect.stringMatching(/^[0-9a-f]{64}$/),
    files: 4,
    steps: [{ state: 'cached' }, { title: 'files (2)', state: 'cached', key: json.key }],
    verified: false,
  })
  expect(await readFile(join(json.path, 'etc/motd'), 'utf8')).toBe('hello\n')
})

test('tree rebuilds only the layer of a changed file', async () => {
  const shell = await TreeShell.open()
  await shell.tree()
  const changed = await shell.tree('good evening\n')
  expect(changed.steps.map(({ state }) => state)).toEqual(['cached', 'made'])
  expect(await readFile(join(changed.path, 'etc/motd'), 'utf8')).toBe('good evening\n')
})

test("tree builds a service's own tree, which has the service's name", async () => {
  const shell = await TreeShell.open()
  const { path } = await shell.tree()
  const own = JSON.parse((await shell.run('tree', 'own', '--json')).stdout)
  expect(await readFile(join(own.path, 'etc/motd'), 'utf8')).toBe('another\n')
  expect(JSON.parse((await shell.run('tree', 'cache', '--json')).stdout).path).toBe(path)
  const none = await shell.run('tree', 'none')
  expect(none.stderr).toMatch(/^the cluster has no service or host 'none' \[NO_SUCH_SERVICE\]$/m)
  expect(none.exitCode).toBe(1)
})

test('tree builds the trees of hosts, and --all those of all services and hosts', async () => {
  const shell = await TreeShell.open()
  const run = async (...argv: string[]) => {
    const { stdout } = await shell.run('tree', '--config', 'hosts.config.ts', '--json', ...argv)
    return JSON.parse(stdout)
  }
  const [ofCluster, one, three] = [await run(), await run('one'), await run('three')]
  expect(await readFile(join(one.path, 'etc/motd'), 'utf8')).toBe('of a host\n')
  expect((await run('one-cache')).path).toBe(one.path)
  expect((await run('two')).path).toBe(one.path)
  expect(three.path).toBe(ofCluster.path)
  expect((await run('three-cache')).path).toBe(ofCluster.path)
  const all: { of: string[]; path: string }[] = await run('--all')
  expect(all.map(({ of }) => of)).toEqual([[], ['one', 'two'], ['own']])
  expect(all.map(({ path }) => path).slice(0, 2)).toEqual([ofCluster.path, one.path])
  const printed = await shell.run('tree', '--config', 'hosts.config.ts', '--all')
  expect(printed.stdout).toMatch(
    /^the cluster's tree\npath .*[\s\S]*\none, two\npath .*[\s\S]*\nown\npath /,
  )
  const both = await shell.run('tree', '--all', 'own')
  expect(both.stderr).toMatch(
    /^--all and the name of a service or host cannot be used together \[USAGE\]$/m,
  )
  expect(both.exitCode).toBe(2)
})

test('tree --update does not change layers without versions to resolve', async () => {
  const shell = await TreeShell.open()
  await shell.tree()
  const updated = await shell.run('tree', '--update')
  expect(updated.exitCode).toBe(0)
  expect(updated.stdout).not.toMatch(/ made /)
})

test('tree --verify finds every difference, and its fix works', async () => {
  const shell = await TreeShell.open()
  expect((await shell.run('tree', '--verify')).stdout).toContain(
    'no file has changed since the tree was built',
  )
  const { path, key } = await shell.tree()
  expect((await shell.run('tree', '--verify')).exitCode).toBe(0)
  await writeFile(join(path, 'etc/new'), '')
  await rm(join(path, 'etc/motd'))
  await chmod(join(path, 'usr/lib'), 0o700)
  await chmod(join(path, 'usr/lib/data'), 0o644)
  await appendFile(join(path, 'usr/lib/data'), 'y')
  const damaged = await shell.run('tree', '--verify')
  expect(damaged.exitCode).toBe(1)
  const [, base = 'none'] = /^ {7}.*--tree ([0-9a-f]{12})$/m.exec(damaged.stderr) ?? []
  expect(damaged.stderr.slice(damaged.stderr.indexOf('files (2): the tree'))).toBe(
    [
      'files (2): the tree in the cache has changed since it was built: 4 paths differ [TREE_DAMAGED]',
      '  /etc/motd is missing',
      '  /etc/new was added',
      '  /usr/lib has mode 700, had 755',
      '  /usr/lib/data has different content',
      // The file is shared with the tree below
      `  fix: npx vitest-cluster clean --tree ${key.slice(0, 12)}`,
      `       npx vitest-cluster clean --tree ${base}`,
      '',
    ].join('\n'),
  )
  for (const [, tree = ''] of damaged.stderr.matchAll(/--tree ([0-9a-f]{12})$/gm))
    expect(await shell.run('clean', '--tree', tree)).toMatchObject({ exitCode: 0 })
  expect((await shell.run('tree', '--verify')).stdout).toContain(
    'no file has changed since the tree was built',
  )
  expect((await stat(join(path, 'usr/lib/data'))).mode & 0o777).toBe(0o444)
  expect(await shell.list('building')).toEqual([])
})

test('tree --verify names ten paths and counts the others', async () => {
  const shell = await TreeShell.open()
  const { path } = await shell.tree()
  for (let i = 0; i < 12; i++) await writeFile(join(path, `new-${i}`), '')
  const { stderr } = await shell.run('tree', '--verify')
  expect(stderr).toContain('12 paths differ [TREE_DAMAGED]')
  expect(stderr.match(/was added$/gm)).toHaveLength(10)
  expect(stderr).toMatch(/^ {2}and 2 more$/m)
})

test('tree --verify finds a changed manifest', async () => {
  const shell = await TreeShell.open()
  const { path } = await shell.tree()
  await appendFile(join(path, '../manifest'), 'x\n')
  const { stderr } = await shell.run('tree', '--verify')
  expect(stderr).toMatch(/^ {2}\/ has a changed manifest$/m)
})

test('tree for a cluster without a tree is an error', async () => {
  const shell = await Shell.open(project(plugin))
  const { stderr, exitCode } = await shell.run('tree')
  expect(stderr).toContain(
    "the cluster has no tree to build: its services run the host's programs [INVALID_DEFINITION]\n",
  )
  expect(stderr).toContain(
    "  fix: Give the cluster a tree: defineCluster({ tree: debianTree({ suite: 'trixie' }), services: { … } })\n",
  )
  expect(exitCode).toBe(1)
})
