/**
 * A process that finds the tree of the project `tree` and uses it: `process` until it is killed, or `session DIRECTORY`
 * as a session of that directory does, for as long as it is there.
 */
import { TreeStore } from '../../packages/vitest-cluster/src/tree/cache/store.ts'
import cluster from '../vitest/projects/tree/cluster.config.ts'

const [how, directory = ''] = process.argv.slice(2)
if (!cluster.tree) throw new Error('the project has no tree')
const { buildTree } = await import('../../packages/vitest-cluster/src/tree/build/build.ts')
const tree = await buildTree(cluster.tree, { store: new TreeStore() })
if (how === 'session') {
  await tree.lend('0123abcd', directory)
  await tree.release()
} else process.stdin.resume()
console.log('uses it')
