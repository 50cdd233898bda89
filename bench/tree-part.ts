/**
 * For trees.ts: finds a tree, and changes a file of it, in a separate process; prints the milliseconds of each as JSON.
 */
import { debianTree, files } from 'vitest-cluster/tree'

const [, , packages = '', round = ''] = process.argv
const tree = debianTree({ suite: 'trixie', packages: packages.split(',') })
const version = (text: string) =>
  tree.with(
    files({ '/etc/motd': text, '/usr/local/bin/tool': { content: '#!/bin/sh\n', mode: 0o755 } }),
  )

async function time(text: string): Promise<number> {
  const start = performance.now()
  await (await version(text).build()).release()
  return performance.now() - start
}

const before = Number(round) - 1
// Processes take turns in which of the two they do first
const warmFirst = before % 2 === 0
const first = await time(warmFirst ? `${before}` : `${round}`)
const second = await time(warmFirst ? `${before}` : `${round} again`)
const rest = warmFirst
  ? { warm: first, again: second, changedAgain: await time(round) }
  : { changed: first, changedAgain: second, again: await time(`${round} again`) }
// The state that the next process finds
await time(round)
console.log(JSON.stringify(rest))
