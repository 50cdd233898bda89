import { nearest } from '../definition/nearest.ts'
import { ClusterError, type Site } from '../errors.ts'
import { own } from '../own.ts'
import type { SessionPlan } from '../plan/session-plan.ts'
import type { OpenSession, ProvidedSession } from './provided.ts'

/**
 * The error for a property that a test or a hook reads from its context, and that the context does not have.
 * @param at where the property is read
 * @param fixtures the fixtures that vitest-cluster gave this test
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
        `Name it in the parameter of the function that is passed to Vitest: async ({ ${name} }) => { … }.`,
        'Vitest reads the names of fixtures from the source of that function, and cannot see them through a wrapper.',
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
        ? [`${described(session)}. To use ${other}, pass the cluster of that file to withCluster.`]
        : []),
      ...(near || other ? [] : [`To add a fixture of your own, use test.extend('${name}', …).`]),
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
      ? `service '${name}' is of kind ${service.kind} in the session, but of kind ${kind} in the test's cluster`
      : `the test's cluster has a service '${name}', but the session has no such service`,
    fix: [
      `${described(session)}.`,
      'Import the cluster of that file in the test, or make the plugin open the cluster of the test:',
      "  vitestCluster({ config: './other.config.ts' }) in vitest.config.ts.",
      'If you changed the file in watch mode, restart Vitest.',
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
      ? "Use withCluster(cluster) from 'vitest-cluster/test', which has a fixture for each service by its name."
      : `${described(session)}. Add one to that file: services: { ${kind}: ${kind}({ … }) }.`,
  })
}

/** The file of the session's definition, and its services. */
function described({ plan, config }: OpenSession): string {
  return `The session was opened from ${config}, which has ${listed(plan)}`
}

function listed({ services }: SessionPlan): string {
  return Object.values(services)
    .map(({ name, kind }) => (name === kind ? name : `${name} (${kind})`))
    .join(', ')
}
