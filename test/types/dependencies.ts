/** Compiled by `tsc --build`, never run: what compiles here and what does not is the test. */
import {
  hgweb,
  type LdapOptions,
  ldap,
  nslcd,
  type SshOptions,
  ssh,
} from '@vitest-cluster/fixtures'
import { expectTypeOf } from 'vitest'
import {
  type ClusterInput,
  defineCluster,
  defineService,
  type HandleContext,
  type Requirement,
  type ServiceContext,
  type ServiceDefinition,
  type ServiceInput,
  type ServicePorts,
  type Services,
  type ServiceView,
  type Values,
} from 'vitest-cluster'

/** Fields that every service needs, and that do not matter here. */
const idle = { kind: 'idle', command: () => ['true'], ready: 'started' } as const

const redis = (options: { readonly ready?: 'notify' } = {}) =>
  defineService({
    kind: 'redis',
    ports: ['redis', 'admin'],
    values: async () => ({ token: 'secret' }),
    command: ({ ports }) => ['redis-server', '--port', `${ports.redis}`],
    ready: 'notify',
    ...options,
  })
const db = redis()
const cache = defineService({ ...idle, kind: 'memcached', ports: ['memcached'] })

// A record with definitions: their kinds, ports and values are typed, in every function and before the field too
const app = defineService({
  files: ({ service }) => ({ url: `redis://127.0.0.1:${service('db').ports.redis}` }),
  command: ({ service, ports, values }) => {
    expectTypeOf(service('db')).toEqualTypeOf<
      ServiceView<'redis', 'redis' | 'admin', { token: string }>
    >()
    expectTypeOf(service('cache').ports.memcached).toEqualTypeOf<number>()
    expectTypeOf(service('queue').ports.amqp).toEqualTypeOf<number>()
    expectTypeOf(service('queue').kind).toEqualTypeOf<'rabbitmq'>()
    expectTypeOf(service('queue').values).toEqualTypeOf<Values>()
    return ['app', `${ports.http}`, values.mode, service('db').values.token]
  },
  kind: 'app',
  ports: ['http'],
  values: () => ({ mode: 'fast' }),
  dependsOn: { db, cache, queue: { kind: 'rabbitmq', ports: ['amqp'] } },
  clientFiles: ({ service }) => ({ token: service('db').values.token }),
  env: ({ service }) => ({ DB: `${service('db').ports.admin}` }),
  unit: ({ service }) => ({ TasksMax: service('db').ports.admin }),
  ready: 'listening',
  handle: ({ service, ports, values }) => ({
    port: ports.http,
    mode: values.mode,
    db: service('db').ports.redis,
  }),
})
expectTypeOf(app).toEqualTypeOf<
  ServiceDefinition<
    { port: number; mode: string; db: number },
    'app',
    'http',
    { mode: string },
    {
      readonly db: Requirement<'redis', 'redis' | 'admin'>
      readonly cache: Requirement<'memcached', 'memcached'>
      readonly queue: Requirement<'rabbitmq', 'amqp'>
    }
  >
>()

defineService({
  ...idle,
  dependsOn: { db },
  // @ts-expect-error a misspelt service
  command: ({ service }) => ['app', service('bd').directory],
})
defineService({
  ...idle,
  dependsOn: { db },
  // @ts-expect-error a misspelt port of a definition
  command: ({ service }) => ['app', `${service('db').ports.rediss}`],
})
defineService({
  ...idle,
  dependsOn: { db },
  // @ts-expect-error the same, with brackets
  command: ({ service }) => ['app', `${service('db').ports['rediss']}`],
})
defineService({
  ...idle,
  dependsOn: { db },
  // @ts-expect-error a misspelt value of a definition
  command: ({ service }) => ['app', service('db').values.tokn],
})
defineService({
  ...idle,
  dependsOn: { db: { kind: 'redis', ports: ['redis'] } },
  // @ts-expect-error a port that the requirement does not have
  command: ({ service }) => ['app', `${service('db').ports.admin}`],
})
defineService({
  ...idle,
  dependsOn: { db: { kind: 'redis' } },
  // @ts-expect-error ports of a requirement without ports
  command: ({ service }) => ['app', `${service('db').ports.redis}`],
})
defineService({
  ...idle,
  dependsOn: { db },
  // @ts-expect-error a misspelt service in handle
  handle: ({ service }) => ({ port: service('dbb').ports.redis }),
})
defineService({
  ...idle,
  // @ts-expect-error without dependsOn there is no other service
  command: ({ service }) => ['app', service('db').directory],
})
// @ts-expect-error a requirement has no such field
defineService({ ...idle, dependsOn: { db: { kind: 'redis', port: ['redis'] } } })
// @ts-expect-error ports of a requirement are an array
defineService({ ...idle, dependsOn: { db: { ports: 'redis' } } })
// @ts-expect-error a kind is a string
defineService({ ...idle, dependsOn: { db: { kind: 1 } } })
// @ts-expect-error a string in place of a requirement
defineService({ ...idle, dependsOn: { db: 'redis' } })
// @ts-expect-error a function in place of a definition
defineService({ ...idle, dependsOn: { db: redis } })
// @ts-expect-error names are in an array
defineService({ ...idle, dependsOn: 'db' })
// @ts-expect-error an array has names only
defineService({ ...idle, dependsOn: [db] })

// An array of names: order only
const ordered = defineService({
  ...idle,
  dependsOn: ['db', 'cache'],
  command: ({ service }) => {
    expectTypeOf(service('db')).toEqualTypeOf<ServiceView<string, never>>()
    return ['app', service('db').kind, service('cache').directory]
  },
})
defineService({
  ...idle,
  dependsOn: ['db'],
  // @ts-expect-error a misspelt service of an array
  command: ({ service }) => ['app', service('bd').directory],
})
defineService({
  ...idle,
  dependsOn: ['db'],
  // @ts-expect-error an array does not type ports
  command: ({ service }) => ['app', `${service('db').ports.redis}`],
})

// Names that are known only at run time are checked then
const names: string[] = ['db']
defineService({
  ...idle,
  dependsOn: names,
  command: ({ service }) => ['app', `${service('any').ports['redis']}`],
})

// A helper accepts the context of every service; a handle that names its requirements accepts contexts that meet them
const helper = ({ service }: ServiceContext) => service('db').directory
const handle = ({ ports }: HandleContext<'http'>) => ({ url: `http://127.0.0.1:${ports.http}` })
const helped = defineService({
  ...idle,
  ports: ['http'],
  dependsOn: { db },
  files: (context) => ({ where: helper(context) }),
  handle,
})
expectTypeOf(helped).toEqualTypeOf<
  ServiceDefinition<
    { url: string },
    'idle',
    'http',
    Values,
    { readonly db: Requirement<'redis', 'redis' | 'admin'> }
  >
>()
defineService({
  ...idle,
  ports: ['htttp'],
  // @ts-expect-error a handle that needs a port http
  handle,
})

// A cluster has to have the services that its services depend on
defineCluster({ services: { db, cache, ordered } })
const queue = defineService({ ...idle, kind: 'rabbitmq', ports: ['amqp'] })
defineCluster({ services: { app, db, cache, queue } })
// @ts-expect-error "ordered depends on 'cache', which this cluster does not have"
defineCluster({ services: { db, ordered } })
// @ts-expect-error "app depends on 'queue', which this cluster does not have"
defineCluster({ services: { app, db, cache } })
// @ts-expect-error "app depends on 'cache', which must be of kind memcached but is of kind redis"
defineCluster({ services: { app, db, cache: redis(), queue } })
// @ts-expect-error "app depends on 'queue', which has no port 'amqp'"
defineCluster({ services: { app, db, cache, queue: defineService({ ...idle, kind: 'rabbitmq' }) } })
defineCluster({
  services: {
    // @ts-expect-error a service that is defined inline
    web: defineService({ ...idle, dependsOn: { bd: { ports: ['redis'] } } }),
    db,
  },
})
defineCluster({
  services: {
    // @ts-expect-error the other service has no ports, and is defined inline
    web: defineService({ ...idle, dependsOn: { plain: { ports: ['redis'] } } }),
    plain: defineService({ ...idle }),
  },
})

// The compiler's error names the mistake
type Told<S extends Services, Name extends keyof S> = ClusterInput<S>['services'][Name]
expectTypeOf<
  Told<{ ordered: typeof ordered; db: typeof db }, 'ordered'>
>().toExtend<"ordered depends on 'cache', which this cluster does not have">()
expectTypeOf<Told<{ login: typeof login; people: ReturnType<typeof hgweb> }, 'login'>>().toExtend<
  | "login depends on 'people', which must be of kind ldap but is of kind hgweb"
  | "login depends on 'people', which has no port 'ldap'"
>()
expectTypeOf<
  Told<{ login: typeof login; people: typeof idleLdap }, 'login'>
>().toExtend<"login depends on 'people', which has no port 'ldap'">()
expectTypeOf<
  Told<{ login: typeof login; people: typeof oddLdap }, 'login'>
>().toExtend<"login depends on 'people', which must be of kind ldap but is of kind directory">()

// extends
const base = defineCluster({ services: { db, cache } })
const extended = defineCluster({ extends: base, services: { app, queue } })
expectTypeOf<keyof typeof extended.services>().toEqualTypeOf<'db' | 'cache' | 'app' | 'queue'>()
defineCluster({ extends: extended, services: { ordered } })
defineCluster({ extends: base, services: { web: defineService({ ...idle, dependsOn: { db } }) } })
// @ts-expect-error neither the base nor the services have a queue
defineCluster({ extends: base, services: { app } })
defineCluster({
  extends: base,
  // @ts-expect-error the base's db is not a memcached
  services: { web: defineService({ ...idle, dependsOn: { db: { kind: 'memcached' } } }) },
})

// Checked only at run time
const some: Services = { db }
defineCluster({ services: some })
const untyped: ServiceDefinition = app
defineCluster({ services: { untyped } })
const byOptions = (options: Partial<ServiceInput>) => defineService({ ...idle, ...options })
defineCluster({ services: { web: byOptions({ dependsOn: ['db'] }), db } })
defineCluster({
  services: { db: byOptions({}), web: defineService({ ...idle, dependsOn: { db } }) },
})

// A function with services as its argument has the type ClusterInput
function open<S extends Services>(services: ClusterInput<S>['services']) {
  return defineCluster<S>({ services })
}
expectTypeOf(open({ db, cache }).services.db).toEqualTypeOf<typeof db>()
// @ts-expect-error ClusterInput has the check
open({ db, ordered })

// Fixtures: the service from which ssh takes keys
const people = ldap({ suffix: 'dc=example' })
const login = ssh({ users: ['alice'], authorizedKeys: { from: 'people', filter: '(uid=*)' } })
defineCluster({ services: { people, login } })
defineCluster({ services: { people, login, plain: ssh(), other: ssh({ users: ['bob'] }) } })
defineCluster({ extends: defineCluster({ services: { people } }), services: { login } })
// @ts-expect-error a misspelt name in authorizedKeys.from
defineCluster({ services: { people, login: ssh({ authorizedKeys: { from: 'poeple' } }) } })
// @ts-expect-error no ldap
defineCluster({ services: { people: hgweb(), login } })
const idleLdap = defineService({ ...idle, kind: 'ldap' })
const oddLdap = defineService({ ...idle, kind: 'directory', ports: ['ldap'] })
// @ts-expect-error of the kind, without the port
defineCluster({ services: { people: idleLdap, login } })
// @ts-expect-error with the port, of another kind
defineCluster({ services: { people: oddLdap, login } })
// @ts-expect-error a name is a string
ssh({ authorizedKeys: { from: people } })
const sshOptions: SshOptions = { authorizedKeys: { from: 'people' } }
defineCluster({ services: { people, login: ssh(sshOptions) } })

// Fixtures: the services from which nslcd has users, and ssh their uids
const users = nslcd({ from: 'people' })
const real = ssh({ authorizedKeys: { from: 'people', accounts: 'users' } })
defineCluster({ services: { people, users, real, login } })
// @ts-expect-error no directory
defineCluster({ services: { users } })
// @ts-expect-error no nslcd
defineCluster({ services: { people, real } })
// @ts-expect-error of another kind
defineCluster({ services: { people, users: hgweb(), real } })
// @ts-expect-error not a database
nslcd({ from: 'people', filter: { users: '(a=b)' } })

// Names of a cluster
defineCluster({
  services: { db: { ...db, accounts: [{ name: 'hg', uid: 500 }], nsswitch: { passwd: ['ldap'] } } },
  names: {
    accounts: [{ name: 'www', uid: 33 }],
    groups: [{ name: 'scm', gid: 5001, members: ['hg'] }],
    hosts: { 'hg.example.org': '127.0.0.1' },
    nsswitch: { passwd: ['files', '[NOTFOUND=return]', 'ldap'] },
  },
})
// @ts-expect-error a list of sources
defineCluster({ services: { db }, names: { nsswitch: { passwd: 'files ldap' } } })
// @ts-expect-error a gid is a number
defineCluster({ services: { db }, names: { groups: [{ name: 'scm', gid: '5001' }] } })

// Fixtures: ldap has a port ldaps with the option tls
const secure = ldap({ suffix: 'dc=example', tls: true })
const own = ldap({ suffix: 'dc=example', tls: { certificate: 'a.pem', key: 'a.key' } })
const mail = defineService({
  ...idle,
  dependsOn: { secure, own, people },
  env: ({ service }) => ({
    LDAPS: `${service('secure').ports.ldaps} ${service('own').ports.ldaps}`,
    BASE: service('people').values.suffix,
  }),
})
defineCluster({ services: { secure, own, people, mail } })
defineService({
  ...idle,
  dependsOn: { people },
  // @ts-expect-error an ldap without tls
  env: ({ service }) => ({ LDAPS: `${service('people').ports.ldaps}` }),
})
// @ts-expect-error an ldap without tls in place of one with tls
defineCluster({ services: { secure: people, own, people, mail } })
const ldapOptions: LdapOptions = { suffix: 'dc=example' }
expectTypeOf(ldap(ldapOptions).ports).toEqualTypeOf<ServicePorts<'ldap' | 'ldaps'> | undefined>()

// A service whose type is unknown to the compiler
const anything: ReturnType<typeof JSON.parse> = db
defineCluster({ services: { anything, db, cache: anything, queue, app } })
defineService({
  ...idle,
  dependsOn: { anything },
  command: ({ service }) => ['app', `${service('anything').ports['any']}`],
})
