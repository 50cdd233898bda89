/**
 * A process in a project that finds its tree and uses it: with `process` until it is killed, with `session DIRECTORY`
 * like a session in that directory, as long as the directory exists.
 */
import { join } from 'node:path'
import type { ClusterDefinition } from '../../packages/vitest-cluster/src/definition/cluster.ts'
import { TreeStore } from '../../packages/vitest-cluster/src/tree/cache/store.ts'

const [how, directory = ''] = process.argv.slice(2)
const { default: cluster }: { default: ClusterDefinition } = await import(
  join(process.cwd(), 'cluster.config.ts')
)
if (!cluster.tree) throw new Error('the project has no tree')
const { buildTree } = await import('../../packages/vitest-cluster/src/tree/make/build.ts')
const tree = await buildTree(cluster.tree, { store: new TreeStore() })
if (how === 'session') {
  await tree.lend('0123abcd', directory)
  await tree.release()
} else process.stdin.resume()
console.log('uses it')
