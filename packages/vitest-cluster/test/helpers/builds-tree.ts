// Builds a tree in a separate process: builds-tree.ts STORE JSON. Prints its events, one JSON a line, and the result.
import type { TreeDefinition } from '../../src/definition/tree.ts'
import { isClusterError } from '../../src/index.ts'
import { TreeStore } from '../../src/tree/cache/store.ts'
import { buildTree } from '../../src/tree/make/build.ts'

const [, , directory, definition] = process.argv
const say = (what: object) => console.log(JSON.stringify(what))
try {
  const built = await buildTree(JSON.parse(definition ?? '') as TreeDefinition, {
    store: new TreeStore(directory),
    progress: say,
  })
  say({ digest: built.digest, path: built.path, states: built.steps.map(({ state }) => state) })
} catch (error) {
  if (!isClusterError(error)) throw error
  say({ code: error.code, message: error.message })
}
