// @module-tag user
import { watch } from 'node:fs'
import { mkdir, readdir, rmdir, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { describe, expect, test } from 'vitest'
import {
  copyTemplate,
  keepTemplate,
} from '../../packages/vitest-cluster/src/apply/state-template.ts'
import { HeldDirectory } from '../../packages/vitest-cluster/src/disk/held-directory.ts'
import { ONLY_ROOT, ROOT, skipWhen } from '../../packages/vitest-cluster/test/helpers/situation.ts'
import { TreeShell } from '../support/tree.ts'

const USES = [process.execPath, join(import.meta.dirname, '../support/uses-tree.ts')]
const DAY = 86_400_000

/** Sets the times of a path to so many days ago. */
async function age(path: string, days: number): Promise<void> {
  const time = new Date(Date.now() - days * DAY)
  await utimes(path, time, time)
}

const record = (shell: TreeShell, key: string) =>
  join(shell.cache, 'vitest-cluster/trees/entries', key, 'entry.json')

describe('clean of trees', () => {
  test('--trees removes all trees, also with files that the user cannot read', async () => {
    const shell = await TreeShell.open()
    await shell.tree()
    const { stderr, exitCode } = await shell.run('clean', '--trees')
    expect(stderr).toMatch(/^removed the tree files \(2\) \([0-9a-f]{12}, .* kB\)$/m)
    expect(stderr).toMatch(/^removed the tree directory .* \([0-9a-f]{12}, 1\d\d kB\)$/m)
    expect(stderr).toMatch(/^freed 1\d\d kB$/m)
    expect(exitCode).toBe(0)
    for (const name of ['building', 'entries', 'uses'] as const)
      expect(await shell.list(name)).toEqual([])
    expect((await shell.tree()).steps.map(({ state }) => state)).toEqual(['made', 'made'])
  })

  test('--tree removes one tree, and does not change files that it shares with others', async () => {
    const shell = await TreeShell.open()
    const first = await shell.tree()
    const { stderr } = await shell.run('clean', '--tree', first.key.slice(0, 12))
    // Its file of 100 kB belongs also to the tree below
    expect(stderr).toMatch(/^freed \d\d\.\d kB$/m)
    expect(await shell.list('entries')).toEqual([first.steps[0]?.key])
    const again = await shell.tree()
    expect(again.steps.map(({ state }) => state)).toEqual(['cached', 'made'])
    expect(again.digest).toBe(first.digest)
    expect((await shell.run('tree', '--verify')).exitCode).toBe(0)
  })

  test('wrong usage exits with 2', async () => {
    const shell = await TreeShell.open()
    await shell.tree()
    const wrong: Record<string, string> = {
      '--tree ffff': 'no tree in the cache has a key that begins with ffff [USAGE]',
      '--tree ': 'the keys of 2 trees in the cache begin with  [USAGE]',
      '--tree a --all': '--tree and --all cannot be used together',
      '--max-size 5X': '--max-size is "5X", which is not a size [USAGE]',
      '--older-than 3w': '--older-than is "3w", which is not a duration [USAGE]',
    }
    for (const [argv, says] of Object.entries(wrong)) {
      const { stderr, exitCode } = await shell.run('clean', ...argv.split(' '))
      expect({ argv, exitCode, stderr }).toMatchObject({
        exitCode: 2,
        stderr: expect.stringContaining(says),
      })
    }
    expect(await shell.list('entries')).toHaveLength(2)
  })

  test('--older-than removes trees by their last use, which includes uses of trees built on them', async () => {
    const shell = await TreeShell.open()
    const old = await shell.tree('old\n')
    // In use, or the layer would be changed into the next version
    await mkdir(join(shell.cache, 'session'))
    await use(shell, 'old\n', 'session')
    const young = await shell.tree('young\n')
    await rmdir(join(shell.cache, 'session'))
    for (const key of await shell.list('entries')) await age(record(shell, key), 40)
    await shell.tree('young\n')
    await shell.run('clean', '--older-than', '30d')
    expect(await shell.list('entries')).toEqual([young.key, young.steps[0]?.key].sort())
    expect(young.key).not.toBe(old.key)
  })

  test('--max-size removes the longest unused trees, until the others fit', async () => {
    const shell = await TreeShell.open()
    const { key, steps } = await shell.tree()
    await age(record(shell, steps[0]?.key ?? ''), 40)
    await shell.run('clean', '--max-size', '1G')
    expect(await shell.list('entries')).toHaveLength(2)
    // The layer alone is not too large: the tree below has the same files, and is needed by the layer
    const entries = join(shell.cache, 'vitest-cluster/trees/entries')
    const counted = steps.flatMap(({ key = '' }) =>
      ['root', 'entry.json', 'manifest'].map((name) => join(entries, key, name)),
    )
    // An ordinary user cannot read one directory; its size does not matter
    const argv = ['--summarize', '--total', '--block-size=1K', ...counted]
    const { stdout } = await execa('du', argv, { reject: false })
    const total = Number.parseInt(stdout.split('\n').at(-1) ?? '', 10)
    await shell.run('clean', '--max-size', `${total - 2}k`)
    expect(await shell.list('entries')).toEqual([steps[0]?.key])
    await shell.run('clean', '--max-size', '1k')
    expect(await shell.list('entries')).toEqual([])
    expect(key).toMatch(/^[0-9a-f]{32}$/)
  })

  test('a tree in use by a session is kept until the session has ended', async () => {
    const shell = await TreeShell.open()
    const { key } = await shell.tree()
    const directory = join(shell.cache, 'session')
    await mkdir(directory)
    await use(shell, undefined, 'session')
    const kept = await shell.run('clean', '--trees')
    const short = key.slice(0, 12)
    expect(kept.stderr).toContain(`kept the tree files (2) (${short}): used by session 0123abcd\n`)
    expect(await shell.list('entries')).toEqual([key])
    const one = await shell.run('clean', '--tree', short)
    expect(one.stderr).toContain('files (2): the tree is used by session 0123abcd [TREE_BUSY]\n')
    expect(one.stderr).toContain('npx vitest-cluster down --session 0123abcd\n')
    expect(one.exitCode).toBe(1)
    await rmdir(directory)
    expect((await shell.run('clean', '--tree', short)).exitCode).toBe(0)
    expect(await shell.list('entries')).toEqual([])
  })

  test('a tree in use by a process is kept until the process has ended', async () => {
    const shell = await TreeShell.open()
    const { key } = await shell.tree()
    const user = shell.shell.start(['process'], { env: shell.env(), program: USES, open: true })
    await user.says('uses it')
    const { kept } = JSON.parse((await shell.run('clean', '--trees', '--json')).stdout)
    expect(kept).toMatchObject([{ key, users: [`process-${user.child.pid}-0`] }])
    user.child.kill('SIGKILL')
    await user.ended
    expect(JSON.parse((await shell.run('clean', '--trees', '--json')).stdout).kept).toEqual([])
  })

  test('the next clean removes what a killed one has left', async () => {
    const shell = await TreeShell.open()
    await shell.tree()
    const { promise: begun, resolve } = Promise.withResolvers<void>()
    const building = join(shell.cache, 'vitest-cluster/trees/building')
    const watcher = watch(building, (_, name) => {
      if (name?.startsWith('removed.')) resolve()
    })
    const killed = shell.shell.start(['clean', '--trees'], { env: shell.env() })
    await begun
    killed.child.kill('SIGKILL')
    await killed.ended
    watcher.close()
    expect(await shell.list('building')).toHaveLength(1)
    expect((await shell.run('tree', '--verify')).exitCode).toBe(0)
    await shell.run('clean')
    expect(await shell.list('building')).toEqual([])
    expect((await shell.run('tree', '--verify')).exitCode).toBe(0)
  })

  test('a tree that cannot be removed is reported, and the others are removed', async ({
    skip,
  }) => {
    skipWhen(skip, !ROOT, ONLY_ROOT)
    const shell = await TreeShell.open()
    await shell.tree()
    const building = join(shell.cache, 'vitest-cluster/trees/building')
    const stuck = join(building, `${'0'.repeat(32)}.00000001`)
    await mkdir(join(stuck, 'mounted'), { recursive: true })
    await execa('mount', ['-t', 'tmpfs', 'tmpfs', join(stuck, 'mounted')])
    const { stderr, exitCode } = await shell
      .run('clean', '--trees')
      .finally(() => execa('umount', [join(stuck, 'mounted')]))
    expect(stderr).toContain(`could not remove ${stuck}: rm: `)
    expect(stderr).toMatch(/^removed the tree files \(2\) /m)
    expect(exitCode).toBe(1)
    expect((await shell.run('clean')).exitCode).toBe(0)
    expect(await shell.list('building')).toEqual([])
  })

  test('uses and resolved keys of removed trees are removed, and locks that are not held', async () => {
    const shell = await TreeShell.open()
    await shell.tree()
    const trees = join(shell.cache, 'vitest-cluster/trees')
    await mkdir(join(trees, 'uses', 'f'.repeat(32)))
    for (const [name, days] of [
      ['a', 2],
      ['b', 0],
    ] as const) {
      const file = join(trees, 'resolved', name.repeat(32))
      await writeFile(file, 'f'.repeat(32))
      await age(file, days)
    }
    await shell.run('clean')
    expect(await shell.list('uses')).not.toContain('f'.repeat(32))
    expect(await shell.list('resolved')).toEqual(['b'.repeat(32)])
    expect(await shell.list('locks')).toEqual(['removed'])
  })
})

describe('clean of states and downloads', () => {
  test('--older-than removes states that no session has copied since then, --states all states', async () => {
    const shell = await TreeShell.open()
    const states = join(shell.cache, 'vitest-cluster/state/ldap')
    await mkdir(join(shell.cache, 'copy'), { recursive: true })
    for (const name of ['old', 'young', 'used']) {
      const source = await HeldDirectory.open(shell.source)
      await keepTemplate(source, join(states, name)).finally(() => source.close())
      if (name !== 'young') await age(join(states, name), 40)
    }
    await copyTemplate(join(states, 'used'), join(shell.cache, 'copy'))
    const { stderr } = await shell.run('clean', '--older-than', '30d')
    expect(stderr).toMatch(/^removed a state of ldap \(old, 1\d\d kB\)$/m)
    expect((await readdir(states)).sort()).toEqual(['used', 'young'])
    await shell.run('clean', '--states')
    await expect(stat(states)).rejects.toThrow('ENOENT')
  })

  test('--all also removes downloads', async () => {
    const shell = await TreeShell.open()
    await shell.tree()
    const downloads = join(shell.cache, 'vitest-cluster/trees/downloads')
    await writeFile(join(downloads, 'image.tar'), 'x'.repeat(10_000))
    await shell.run('clean', '--trees')
    expect(await readdir(downloads)).toEqual(['image.tar'])
    const { stderr } = await shell.run('clean', '--all')
    expect(stderr).toContain('removed the downloads (12.3 kB)\n')
    expect(await readdir(downloads)).toEqual([])
  })

  test('clean without a cache creates nothing', async () => {
    const shell = await TreeShell.open()
    expect((await shell.run('clean', '--all')).stderr).toBe('no dead sessions\n')
    await expect(stat(shell.cache)).rejects.toThrow('ENOENT')
  })
})

/** Lets a session use the tree, until the session's directory is removed. */
async function use(shell: TreeShell, motd: string | undefined, name: string): Promise<void> {
  const argv = ['session', join(shell.cache, name)]
  const { ended } = shell.shell.start(argv, { env: shell.env(motd), program: USES })
  expect(await ended).toMatchObject({ exitCode: 0 })
}
