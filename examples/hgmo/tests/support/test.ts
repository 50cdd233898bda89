import { withCluster } from 'vitest-cluster/test'
import cluster from '../../cluster.config.ts'
import { Client } from './client.ts'
import { Servers } from './servers.ts'

/** Vitest's `test` on the whole cluster, with what its tests do on the client side and on the servers. */
export const test = withCluster(cluster)
  .extend('client', { scope: 'worker' }, async ({ runner, hgssh }) => {
    const file = '/etc/mercurial/ssh/ssh_host_ed25519_key.pub'
    const { stdout } = await hgssh.exec(['cat', file], { user: 'root' })
    return new Client(runner, stdout)
  })
  .extend('servers', { scope: 'worker' }, async ({ hgssh, hgweb0, hgweb1 }) => {
    return new Servers(hgssh, [hgweb0, hgweb1])
  })
