// @module-tag user
import { expect, test } from 'vitest'
import { command, files } from '../../src/definition/tree-layers.ts'
import { treeOwner } from '../../src/tree/owner.ts'
import { busyboxTree, Cache } from '../helpers/trees.ts'

/** Two layers: a command with these words, and a file with this content. */
async function trees() {
  const { tree } = await busyboxTree()
  return (words: string, motd: string) =>
    tree.with(
      command(['sh', '-c', `echo ${words} >/etc/made`], { env: { A: 'a', B: 'b', C: 'c' } }),
      files({ '/etc/motd': motd, '/etc/same': 'same\n' }),
    )
}

const FIRST = ['directory', 'command', 'file'].map((kind) =>
  expect.stringMatching(new RegExp(`^${kind}.*: no earlier one$`)),
)

test("a project's first tree is not compared with another project's", async () => {
  const version = await trees()
  const cache = await Cache.open()
  const build = (words: string, motd: string, owner: string) =>
    cache.build(version(words, motd), { owner })
  const [one, another, service, moved] = [
    treeOwner('/one/cluster.config.ts'),
    treeOwner('/one/other.config.ts'),
    treeOwner('/one/cluster.config.ts', 'web'),
    treeOwner('/moved/cluster.config.ts'),
  ]
  await build('one', 'one\n', one)
  expect(cache.begun).toEqual(FIRST)
  for (const [i, owner] of [another, service].entries()) {
    await build(`two ${i}`, 'one\n', owner)
    // The base is the same, and is found in the cache
    expect(cache.begun).toEqual(FIRST.slice(1))
  }
  await build('one', 'changed\n', one)
  expect(cache.begun).toEqual(['files (2): changed: file /etc/motd'])
  // A tree that was found in the cache also counts
  await build('one', 'changed\n', moved)
  expect(cache.begun).toEqual([])
  await build('one', 'again\n', moved)
  expect(cache.begun).toEqual(['files (2): changed: file /etc/motd'])
})

test("a tree without an owner is compared with the last one of its definition's directory", async () => {
  const version = await trees()
  const cache = await Cache.open()
  await cache.build(version('one', 'one\n'), { baseDirectory: '/' })
  await cache.build(version('one', 'two\n'), { baseDirectory: '/' })
  expect(cache.begun).toEqual(['files (2): changed: file /etc/motd'])
  await cache.build(version('one', 'three\n'), { baseDirectory: '/usr' })
  expect(cache.begun).toEqual(['files (2): no earlier one'])
})
