import { type Files, spec } from '../project.ts'

/** A service that exits with this status when a client sends `shutdown`. */
export const mortal = (status: number) => `
  import { defineCluster } from 'vitest-cluster'
  import { cache } from './cache.ts'

  const script = 'memcached -A -l 127.0.0.1 -p "$0" -U 0; echo "the index is damaged"; exit ${status}'
  export default defineCluster({
    services: {
      db: cache({ kind: 'db' as 'cache', command: ({ ports }) => ['sh', '-c', script, String(ports.cache)] }),
    },
  })
`

/** A test that ends the service, and passes. */
export const SHUTDOWN = `
  async function shutDown(db: { ask(line: string): Promise<string>; readonly port: number }) {
    await db.ask('shutdown')
    await expect.poll(() => { try { return String(db.port) } catch (error) { return String(error) } }, { timeout: 4_000 }).toContain('is down')
  }
`

/** One service that ends during a test that passes, and a test that does not use the service. */
export const mortalService = (status: number) =>
  ({
    'cluster.config.ts': mortal(status),
    'ends.spec.ts': spec(`
      ${SHUTDOWN}
      test('the service ends', async ({ db }) => shutDown(db))

      test('a later test passes', () => {})
    `),
  }) satisfies Files
