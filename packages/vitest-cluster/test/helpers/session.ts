import {
  type ClusterInput,
  defineCluster,
  type ExecOptions,
  type OpenOptions,
  openSession,
  type Services,
  type Session,
} from '../../src/index.ts'

/** Opens a session that ends with the block: `await using session = await up({ … })`. */
export async function up<S extends Services>(
  services: ClusterInput<S>['services'],
  options?: OpenOptions,
) {
  const session = await openSession(defineCluster<S>({ services }), options)
  return Object.assign(session, { [Symbol.asyncDispose]: () => session.close() })
}

/** Options for `exec` as root of the tree; where there is one uid, whoever runs may do all that root may. */
export function asRoot({ plan }: Session): ExecOptions {
  return plan.uids === 'many' ? { user: 'root' } : {}
}
