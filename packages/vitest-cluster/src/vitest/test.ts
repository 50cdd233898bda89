import '../node-version.ts'

import { test as base, inject, type TestContext } from 'vitest'
import { type Handle, SessionClient } from '../client/client.ts'
import type { ClusterDefinition, Services } from '../definition/cluster.ts'
import { asCluster } from '../definition/define.ts'
import type { HandleContext, ServiceDefinition } from '../definition/service.ts'
import { ClusterError } from '../errors.ts'
import type { SessionPlan } from '../plan/session-plan.ts'
import { checkFixtureNames, WINDOW } from './fixture-names.ts'
import './provided.ts'
import { forTerminal } from './terminal.ts'
import { openWindow, used } from './test-window.ts'

export type { ServiceLogArtifact } from './test-window.ts'

/** The fixtures of a cluster: one handle per service, typed by its definition. */
export type ClusterFixtures<S extends Services> = { [Name in keyof S]: Handle<S[Name]> }

/**
 * Vitest's `test` with a fixture for each service of the cluster. Handles have worker scope, so `beforeAll` gets them
 * too. A handle whose session failed or ended throws that error wherever it is used.
 * @throws ClusterError `INVALID_DEFINITION` for what is no cluster, `INVALID_NAME` for a service that is named like a part of Vitest's test context
 */
export function withCluster<S extends Services>(cluster: ClusterDefinition<S>) {
  const { services } = asCluster(cluster)
  checkFixtureNames(Object.keys(services))
  const fixtures = Object.entries(services).map(([name, definition]) => [
    name,
    fixture(() => name, definition),
  ])
  return base.extend<{ $worker: ClusterFixtures<S> }>({
    ...Object.fromEntries(fixtures),
    ...windowFixture(),
  } as never)
}

/**
 * `test` with one fixture, for whichever service of the session is of this kind: what `@vitest-cluster/fixtures/ldap`
 * exports. With several of the kind the fixture throws and names them: use {@link withCluster} then.
 */
export function withService<Kind extends string, H extends object>(
  kind: Kind,
  // biome-ignore lint/suspicious/noExplicitAny: a handle names its own ports and values
  handle: (context: HandleContext<any, any>) => H | Promise<H>,
) {
  checkFixtureNames([kind])
  const found = fixture((plan) => onlyOfKind(plan, kind), { handle })
  return base.extend<{ $worker: { [Key in Kind]: Handle<ServiceDefinition<H>> } }>({
    [kind]: found,
    ...windowFixture(),
  } as never)
}

/** Every test has a window in the session's logs, whichever handles it uses. */
function windowFixture() {
  const setUp = async (
    { task, onTestFailed, annotate }: TestContext,
    use: (value: undefined) => Promise<void>,
  ) => {
    const provided = inject('vitest-cluster:session')
    // The fixtures of handles say what is wrong
    if (!provided || 'error' in provided) return use(undefined)
    const window = openWindow(provided.plan, { task, onTestFailed, annotate } as TestContext)
    try {
      await use(undefined)
    } finally {
      window.close()
    }
  }
  return { [WINDOW]: [setUp, { scope: 'test', auto: true }] as const }
}

function fixture(
  nameIn: (plan: SessionPlan) => string,
  definition: Pick<ServiceDefinition, 'handle'>,
) {
  // Vitest reads the parameter's source: it has to be a destructuring pattern
  // biome-ignore lint/correctness/noEmptyPattern: see above
  const setUp = async ({}: object, use: (handle: object) => Promise<void>) => {
    const { client, handle } = await makeHandle(nameIn, definition).catch((error: unknown) => {
      throw forTerminal(error)
    })
    try {
      await use(handle)
    } finally {
      await client.disconnect()
    }
  }
  return [setUp, { scope: 'worker' }] as const
}

async function makeHandle(
  nameIn: (plan: SessionPlan) => string,
  definition: Pick<ServiceDefinition, 'handle'>,
) {
  const client = sessionClient()
  return { client, handle: await client.handle(nameIn(client.plan), definition) }
}

/** @throws ClusterError `NO_SESSION`, or what the session failed with */
function sessionClient(): SessionClient {
  const provided = inject('vitest-cluster:session')
  if (!provided) {
    throw new ClusterError({
      code: 'NO_SESSION',
      message:
        'this test uses a fixture of vitest-cluster, but no cluster was opened for its project',
      fix: [
        'In vitest.config.ts of this project, either',
        "  plugins: [vitestCluster()]                            from 'vitest-cluster/plugin', or",
        "  test: { globalSetup: ['vitest-cluster/global-setup'] }",
      ].join('\n'),
    })
  }
  if ('error' in provided) throw new ClusterError(provided.error)
  return new SessionClient(provided.plan, { used })
}

function onlyOfKind(plan: SessionPlan, kind: string): string {
  const names = Object.entries(plan.services).flatMap(([name, service]) =>
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
      : `Add one to cluster.config.ts: services: { ${kind}: ${kind}({ … }) }.`,
  })
}
