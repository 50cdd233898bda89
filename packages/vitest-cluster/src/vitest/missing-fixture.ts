import { nearest } from '../definition/nearest.ts'
import { ClusterError, type Site } from '../errors.ts'
import { own } from '../own.ts'
import type { SessionPlan } from '../plan/session-plan.ts'
import type { OpenSession, ProvidedSession } from './provided.ts'

/**
 * The error for a name that a test or a hook reads from its context, and that is not there.
 * @param at where it is read
 * @param fixtures those that vitest-cluster gave this test
 */
export function noSuchFixture(
  name: string,
  at: Site,
  fixtures: readonly string[],
  provided: ProvidedSession | undefined,
): ClusterError {
  const code = 'NO_SUCH_FIXTURE'
  if (fixtures.includes(name)) {
    return new ClusterError({
      code,
      message: `the fixture '${name}' is read here, but Vitest did not set it up`,
      at,
      fix: [
        `Name it in the parameter of the function that Vitest gets: async ({ ${name} }) => { … }.`,
        'Vitest reads the names there, in the source; a function around that one hides them.',
      ].join('\n'),
    })
  }
  const session = provided && 'plan' in provided ? provided : undefined
  const others = Object.keys(session?.plan.services ?? {})
  const near = nearest(name, fixtures)
  const other = near ? undefined : nearest(name, others)
  return new ClusterError({
    code,
    message: `this test has no fixture '${name}'`,
    at,
    fix: [
      `${near ? `Did you mean ${near}? ` : ''}The test's services are ${fixtures.join(', ')}.`,
      ...(session && other
        ? [`${described(session)}: for ${other}, pass the cluster of that file to withCluster.`]
        : []),
      ...(near || other ? [] : [`A fixture of your own is added by test.extend('${name}', …).`]),
    ].join('\n'),
  })
}

/** The name, if the session has that service. @throws ClusterError `NO_SUCH_SERVICE` */
export function serviceNamed(session: OpenSession, name: string, kind: string): string {
  const service = own(session.plan.services, name)
  if (service?.kind === kind) return name
  throw new ClusterError({
    code: 'NO_SUCH_SERVICE',
    message: service
      ? `the session's service '${name}' is of kind ${service.kind}, that of the test's cluster is of kind ${kind}`
      : `the test's cluster has a service '${name}', the session has none of this name`,
    fix: [
      `${described(session)}.`,
      'Import the cluster of that file in the test, or open the cluster of the test:',
      "  vitestCluster({ config: './other.config.ts' }) in vitest.config.ts.",
      'After a change of the file in watch mode, start Vitest again.',
    ].join('\n'),
  })
}

/** The session's one service of a kind. @throws ClusterError `NO_SUCH_SERVICE` */
export function onlyOfKind(session: OpenSession, kind: string): string {
  const names = Object.entries(session.plan.services).flatMap(([name, service]) =>
    service.kind === kind ? [name] : [],
  )
  const [first, ...others] = names
  if (first && others.length === 0) return first
  throw new ClusterError({
    code: 'NO_SUCH_SERVICE',
    message: first
      ? `the cluster has several services of kind ${kind}: ${names.join(', ')}`
      : `the cluster has no service of kind ${kind}`,
    fix: first
      ? "Say which by its name: withCluster(cluster) from 'vitest-cluster/test'."
      : `${described(session)}. Add one there: services: { ${kind}: ${kind}({ … }) }.`,
  })
}

/** Where the session is from, and its services. */
function described({ plan, config }: OpenSession): string {
  return `The session was opened from ${config}, which has ${listed(plan)}`
}

function listed({ services }: SessionPlan): string {
  return Object.values(services)
    .map(({ name, kind }) => (name === kind ? name : `${name} (${kind})`))
    .join(', ')
}
