import {
  type ClusterInput,
  defineCluster,
  type ExecOptions,
  type Services,
} from '../../src/index.ts'
import { openInternal } from '../../src/open/open-session.ts'
import type { OpenDetails, OpenedSession } from '../../src/open/session.ts'

/** Opens a session that ends with the block: `await using session = await up({ … })`. */
export function up<S extends Services>(
  services: ClusterInput<S>['services'],
  options?: OpenDetails,
) {
  return openInternal(defineCluster<S>({ services }), options)
}

/** Options for `exec` as root of the tree; with one uid every program has root's permissions. */
export function asRoot({ plan }: OpenedSession): ExecOptions {
  return plan.uids === 'many' ? { user: 'root' } : {}
}
