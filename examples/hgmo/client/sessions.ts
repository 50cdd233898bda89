import { fileURLToPath } from 'node:url'
import { type ClusterDefinition, isClusterError, openSession } from 'vitest-cluster'
import { type Cluster, clusterOf } from './cluster.ts'
import type { Outcome } from './harness.ts'
import type { Options } from './options.ts'
import { outerCluster } from './outer-session.ts'
import { runFile } from './run-file.ts'
import { SERVERS } from './state.ts'
import type { TestFile } from './tests.ts'

/** What became of a test file. */
export interface Report {
  readonly file: TestFile
  readonly outcome: Outcome
  /** Of the test, without its cluster. */
  readonly seconds: number
  /** The seconds until its cluster was up; undefined for a cluster that was up before. */
  readonly opening?: number
}

/** Seconds that a cluster stays up with --keep. */
const KEPT = 1800
const BASE = fileURLToPath(new URL('..', import.meta.url))

/** Runs a file with a cluster of its own. */
export function inOwnSession(options: Options): (file: TestFile) => Promise<Report> {
  return async (file) => {
    // Loaded when needed: inside of a session neither is
    const { default: definition }: { readonly default: ClusterDefinition } = await (file.cluster
      ? import('../cluster.config.ts')
      : import('./alone.ts'))
    const start = performance.now()
    try {
      const session = await openSession(definition, { baseDirectory: BASE })
      try {
        const opening = secondsSince(start)
        const cluster = clusterOf((name) => session.host(name))
        const report = await timed(file, cluster, options)
        if (report.outcome.result === 'failed' && options.keep) {
          await session.detach(KEPT)
          console.log(`its cluster stays up: npx vitest-cluster status --session ${session.id}`)
        }
        return { ...report, opening }
      } finally {
        // A service that had to be killed after all is not a part of the test
        await session.close().catch((error: unknown) => {
          if (!isClusterError(error) || error.code !== 'STOP_TIMEOUT') throw error
        })
      }
    } catch (error) {
      if (!isClusterError(error)) throw error
      const outcome = { result: 'failed', reason: error.message, diff: '' } as const
      return { file, outcome, seconds: secondsSince(start) }
    }
  }
}

/** Runs a file in the session of `vitest-cluster run`. */
export function inSession(options: Options): (file: TestFile) => Promise<Report> {
  return (file) => timed(file, outerCluster(), options)
}

async function timed(file: TestFile, cluster: Cluster, options: Options): Promise<Report> {
  const start = performance.now()
  const progress = options.verbose ? process.stdout : undefined
  const outcome = await runFile(cluster, file, {
    timeout: options.timeout,
    ...(progress && { progress }),
  })
  const seconds = secondsSince(start)
  if (outcome.result !== 'failed' || !file.cluster) return { file, outcome, seconds }
  const down = await downServices(cluster)
  const diff = [outcome.diff, ...down].filter(Boolean).join('\n')
  return { file, outcome: { ...outcome, diff }, seconds }
}

/** Why services are down that nobody stopped, with the ends of their logs. */
async function downServices(cluster: Cluster): Promise<string[]> {
  const found = await Promise.all(
    SERVERS.map(async (host) => {
      const services = await cluster.services(host)
      return Promise.all(services.map((service) => cluster.down(host, service)))
    }),
  )
  return found.flat().flatMap((why) => (why && !why.includes('was stopped by') ? why : []))
}

function secondsSince(start: number): number {
  return (performance.now() - start) / 1000
}
