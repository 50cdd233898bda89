import type { ClusterDefinition, IsolationName } from '../definition/cluster.ts'
import type { Lack } from '../doctor/explain.ts'
import { ClusterError } from '../errors.ts'
import { ISOLATIONS, type Isolation } from './isolation.ts'

/**
 * The isolation of a session: that of the definition; for `'auto'` that of VITEST_CLUSTER_ISOLATION, or the first that
 * the machine supports and that meets the needs of the services. There is no fallback to a weaker one.
 * @throws ClusterError `NEEDS_ISOLATION` if a service needs more, `ISOLATION_UNAVAILABLE` with what the machine lacks
 */
export async function chooseIsolation(
  cluster: ClusterDefinition,
  env = process.env,
): Promise<Isolation> {
  const defined = cluster.isolation ?? 'auto'
  const wanted = defined === 'auto' ? fromEnvironment(env) : defined
  if (wanted) {
    checkNeeds(cluster, ISOLATIONS[wanted])
    const missing = await lack(wanted, cluster.network)
    if (missing) throw unavailable(`isolation '${wanted}'`, [missing])
    return ISOLATIONS[wanted]
  }
  const needs = new Set(Object.values(cluster.services).flatMap(({ needs = [] }) => needs))
  const missing: Lack[] = []
  for (const isolation of Object.values(ISOLATIONS)) {
    if (![...needs].every((need) => isolation.gives.includes(need))) continue
    const found = await lack(isolation.name)
    if (!found) return isolation
    missing.push(found)
  }
  throw unavailable(`what the services need (${[...needs].join(', ')})`, missing)
}

function fromEnvironment(env: NodeJS.ProcessEnv): IsolationName | undefined {
  const word = env['VITEST_CLUSTER_ISOLATION']
  if (!word || word === 'auto') return undefined
  if (Object.hasOwn(ISOLATIONS, word)) return word as IsolationName
  throw new ClusterError({
    code: 'INVALID_DEFINITION',
    message: `VITEST_CLUSTER_ISOLATION=${word} is not an isolation`,
    fix: `Use one of auto, ${Object.keys(ISOLATIONS).join(', ')}.`,
  })
}

function checkNeeds({ services }: ClusterDefinition, isolation: Isolation): void {
  for (const [service, { needs = [] }] of Object.entries(services)) {
    const lacking = needs.find((need) => !isolation.gives.includes(need))
    if (!lacking) continue
    const enough = Object.values(ISOLATIONS).filter(({ gives }) =>
      needs.every((need) => gives.includes(need)),
    )
    throw new ClusterError({
      code: 'NEEDS_ISOLATION',
      service,
      message: `needs ${WORDS[lacking]}, which isolation '${isolation.name}' does not have`,
      fix: `Write isolation: ${enough.map(({ name }) => `'${name}'`).join(' or ')} (or 'auto') in the cluster's definition.`,
    })
  }
}

const WORDS = {
  uids: 'accounts with uids of their own',
  systemd: 'a systemd that is PID 1 of its tree',
} as const

/** What the machine lacks. chroot needs no more than every session. */
async function lack(
  isolation: IsolationName,
  network?: 'host' | 'private',
): Promise<Lack | undefined> {
  if (isolation === 'chroot') return undefined
  const { noIsolation } = await import('../doctor/explain.ts')
  return noIsolation(isolation, network)
}

function unavailable(what: string, lacks: readonly Lack[]): ClusterError {
  const words = new Set(lacks.map(({ found }) => found))
  const fixes = new Set(lacks.flatMap(({ fix }) => fix.split('\n')))
  return new ClusterError({
    code: 'ISOLATION_UNAVAILABLE',
    message: `this machine does not support ${what}: ${[...words].join('; ')}`,
    fix: [...fixes].join('\n'),
  })
}
