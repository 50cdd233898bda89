import type { Files } from '../project.ts'

/** A tree of a directory and one layer, both from the environment; one service has its own tree. */
export const tree = {
  'cluster.config.ts': `
    import { defineCluster } from 'vitest-cluster'
import { directoryTree, files } from 'vitest-cluster/tree'
    import { cache } from './cache.ts'

    const { TREE_DIRECTORY = '', TREE_MOTD = 'hello\\n' } = process.env

    const tree = directoryTree(TREE_DIRECTORY).with(
      files({
        '/etc/motd': TREE_MOTD,
        // Closed to the user who runs this
        '/srv/closed': { from: TREE_DIRECTORY + '/etc', mode: 0o600, owner: '33:33' },
      }),
    )

    export default defineCluster({
      tree,
      services: {
        cache: cache(),
        own: { ...cache(), tree: tree.with(files({ '/etc/motd': 'another\\n' })) },
      },
    })
  `,
} satisfies Files
