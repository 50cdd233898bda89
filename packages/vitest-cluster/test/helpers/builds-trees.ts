// Builds trees one after another in a separate process: builds-trees.ts STORE JSON… Prints the result of each, and what
// was left. GROWN in the environment names a file system that is enlarged after the first build.
import { execFileSync } from 'node:child_process'
import type { TreeDefinition } from '../../src/definition/tree.ts'
import { isClusterError } from '../../src/index.ts'
import { TreeStore } from '../../src/tree/cache/store.ts'
import { buildTree } from '../../src/tree/make/build.ts'
import { halfMade } from './half-made.ts'

const [, , directory = '', ...definitions] = process.argv
for (const definition of definitions) {
  const result = await buildTree(JSON.parse(definition) as TreeDefinition, {
    store: new TreeStore(directory),
  }).then(
    async (built) => {
      await built.release()
      return { digest: built.digest }
    },
    (error: unknown) => {
      if (!isClusterError(error)) throw error
      return { code: error.code, message: error.message }
    },
  )
  console.log(JSON.stringify({ ...result, left: await halfMade(directory) }))
  const grown = process.env['GROWN']
  if (grown) execFileSync('mount', ['-o', 'remount,size=100m', grown])
}
