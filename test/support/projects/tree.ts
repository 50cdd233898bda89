import type { Files } from '../project.ts'

/** A tree of a directory and one layer, both from the environment; one service has its own tree. With hosts in another file. */
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
  'hosts.config.ts': `
    import { defineCluster } from 'vitest-cluster'
    import { files } from 'vitest-cluster/tree'
    import { cache } from './cache.ts'
    import cluster from './cluster.config.ts'

    const { tree } = cluster
    const ofHost = tree?.with(files({ '/etc/motd': 'of a host\\n' }))

    export default defineCluster({
      extends: cluster,
      services: {},
      hosts: {
        one: { tree: ofHost, services: { cache: cache() } },
        two: { tree: ofHost, services: {} },
        three: { services: { cache: cache() } },
      },
    })
  `,
} satisfies Files
