import { defineCluster, type OpenOptions, openSession, type Services } from '../../src/index.ts'

/** Opens a session that ends with the block: `await using session = await up({ … })`. */
export async function up<S extends Services>(services: S, options?: OpenOptions) {
  const session = await openSession(defineCluster({ services }), options)
  return Object.assign(session, { [Symbol.asyncDispose]: () => session.close() })
}
