/**
 * Fixtures for Vitest's `test`: a handle for each service of a cluster.
 * @module vitest-cluster/test
 */
import '../node-version.ts'

import { test as base, inject, type TestAPI, type TestContext } from 'vitest'
import { type Handle, type HostWithServices, SessionClient } from '../client/client.ts'
import type { ClusterDefinition, Services } from '../definition/cluster.ts'
import { asCluster } from '../definition/define.ts'
import type { HostDefinition } from '../definition/host.ts'
import type { ServiceDefinition } from '../definition/service.ts'
import type { HandleContext } from '../definition/service-context.ts'
import { ClusterError } from '../errors.ts'
import { checkFixtureNames, WINDOW } from './fixture-names.ts'
import { noSuchFixture, onlyOfKind, serviceNamed } from './missing-fixture.ts'
import { type OpenSession, SESSION } from './provided.ts'
import { forTerminal } from './terminal.ts'
import { openWindow, used } from './test-window.ts'
import { refuseUnknown } from './unknown-fixture.ts'

export type { ServiceLogArtifact } from './test-window.ts'

/**
 * The fixtures of a cluster: a handle for each service, typed by its definition, and for each host. The handles of a host's
 * services are in the host's.
 */
export type ClusterFixtures<S extends Services, Host extends string = string> = {
  readonly [Name in keyof S as string extends Host
    ? Name
    : Name extends `${Host}-${string}`
      ? never
      : Name]: Handle<S[Name]>
} & (string extends Host ? unknown : { readonly [Name in Host]: HostWithServices<S, Name> })

/**
 * What `test.extend` takes, for fixtures of worker scope.
 */
export type WorkerFixtures<Fixtures> = {
  readonly [Name in keyof Fixtures]: SetUp<Fixtures[Name]>
} & {
  /** Exists for the compiler only: Vitest's types read here which fixtures `beforeAll` and later fixtures get. */
  readonly $__worker: SetUp<Fixtures>
}

type SetUp<Fixture> = (context: object, use: (fixture: Fixture) => Promise<void>) => Promise<void>

/** Vitest's `test` with fixtures of worker scope. */
export type ClusterTest<Fixtures> = TestAPI<
  Fixtures & {
    /** Exists for the compiler only, see {@link WorkerFixtures}. */
    readonly $__worker?: Fixtures
  }
>

/**
 * The fixtures of a cluster for a `test.extend` chain: `base.extend(clusterFixtures(cluster))`. Handles have worker
 * scope, so `beforeAll` and any later fixture of the chain get them too. If the session failed to open or has ended, every
 * use of a handle throws that error.
 * @throws ClusterError `INVALID_DEFINITION` if the argument is not a cluster, `INVALID_NAME` if a service has the name of a property of Vitest's test context
 */
export function clusterFixtures<S extends Services, Host extends string = string>(
  cluster: ClusterDefinition<S, Host>,
): WorkerFixtures<ClusterFixtures<S, Host>> {
  const { services, hosts = {} } = asCluster(cluster)
  const ofHosts = Object.values<HostDefinition>(hosts).flatMap((host) => host.services)
  const own = Object.entries(services).filter(([name]) => !ofHosts.includes(name))
  const names = [...own.map(([name]) => name), ...Object.keys(hosts)]
  checkFixtureNames(names)
  const fixtures = own.map(([name, definition]) => [
    name,
    fixture((session) => serviceNamed(session, name, definition.kind), definition),
  ])
  const hostFixtures = Object.keys(hosts).map((name) => [
    name,
    fixtureOf((client) => client.host(name, services)),
  ])
  return { ...Object.fromEntries([...fixtures, ...hostFixtures]), ...windowFixture(names) } as never
}

/** Vitest's `test` with the fixtures of a cluster, see {@link clusterFixtures}. @throws ClusterError as {@link clusterFixtures} does */
export function withCluster<S extends Services, Host extends string = string>(
  cluster: ClusterDefinition<S, Host>,
): ClusterTest<ClusterFixtures<S, Host>> {
  return base.extend(clusterFixtures(cluster)) as never
}

/**
 * Vitest's `test` with one fixture, for the session's only service of a kind, as `@vitest-cluster/fixtures/ldap` exports
 * it. If the session has several services of the kind, the fixture throws: use {@link withCluster} then.
 */
export function withService<Kind extends string, H extends object>(
  kind: Kind,
  // biome-ignore lint/suspicious/noExplicitAny: a handle names its own ports and values
  handle: (context: HandleContext<any, any>) => H | Promise<H>,
): ClusterTest<{ readonly [Key in Kind]: Handle<ServiceDefinition<H>> }> {
  checkFixtureNames([kind])
  const found = fixture((session) => onlyOfKind(session, kind), { handle })
  return base.extend({ [kind]: found, ...windowFixture([kind]) } as object) as never
}

/** A fixture that records when each test runs, whichever handles it uses. */
function windowFixture(names: readonly string[]) {
  const setUp = async ({ task }: TestContext, use: (value: undefined) => Promise<void>) => {
    const { context } = task
    const provided = inject(SESSION)
    refuseUnknown(context, (name, at) => forTerminal(noSuchFixture(name, at, names, provided)))
    // The fixtures of handles throw the error
    if (!provided || 'error' in provided) return use(undefined)
    const window = openWindow(provided.plan, context)
    try {
      await use(undefined)
    } finally {
      window.close()
    }
  }
  return { [WINDOW]: [setUp, { scope: 'test', auto: true }] as const }
}

function fixture(
  nameIn: (session: OpenSession) => string,
  definition: Pick<ServiceDefinition, 'handle'>,
) {
  return fixtureOf((client, session) => client.handle(nameIn(session), definition))
}

function fixtureOf(make: (client: SessionClient, session: OpenSession) => Promise<object>) {
  // Vitest reads the parameter's source: it has to be a destructuring pattern
  // biome-ignore lint/correctness/noEmptyPattern: see above
  const setUp = async ({}: object, use: (handle: object) => Promise<void>) => {
    const { client, handle } = await makeHandle(make).catch((error: unknown) => {
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

async function makeHandle(make: (client: SessionClient, session: OpenSession) => Promise<object>) {
  const session = openedSession()
  const client = new SessionClient(session.plan, { used })
  return { client, handle: await make(client, session) }
}

/** @throws ClusterError `NO_SESSION`, or the error with which the session did not open */
function openedSession(): OpenSession {
  const provided = inject(SESSION)
  if (!provided) {
    throw new ClusterError({
      code: 'NO_SESSION',
      message:
        'this test uses a fixture of vitest-cluster, but the Vitest project of the test has opened no cluster',
      fix: [
        'Add one of these to vitest.config.ts of this project:',
        "  plugins: [vitestCluster()]      // import vitestCluster from 'vitest-cluster/plugin'",
        "  test: { globalSetup: ['vitest-cluster/global-setup'] }",
      ].join('\n'),
    })
  }
  if ('error' in provided) throw new ClusterError(provided.error)
  return provided
}
