/** Compiled by `tsc --build`, never run: the types of ports and of their numbers. */
import { hgweb, ldap, ssh } from '@vitest-cluster/fixtures'
import { expectTypeOf } from 'vitest'
import {
  defineCluster,
  defineService,
  openSession,
  type PortNumbers,
  type ServiceDefinition,
  type Services,
} from 'vitest-cluster'
import plugin from 'vitest-cluster/plugin'

const port: number | undefined = Number(process.env['HGPORT']) || undefined

// Names are inferred from a record, too; a number may be undefined
const web = defineService({
  kind: 'web',
  ports: { http: 8080, admin: port },
  command: ({ ports }) => {
    expectTypeOf(ports).toEqualTypeOf<Readonly<Record<'http' | 'admin', number>>>()
    return ['web', `${ports.http}`]
  },
  ready: 'listening',
  handle: ({ ports }) => ({ port: ports.admin }),
})
expectTypeOf(web).toExtend<ServiceDefinition<{ port: number }, 'web', 'http' | 'admin'>>()
defineService({
  kind: 'web',
  ports: { http: 8080 },
  // @ts-expect-error a misspelt port
  command: ({ ports }) => ['web', `${ports.htttp}`],
  ready: 'listening',
})
defineService({
  kind: 'web',
  // @ts-expect-error a string for a number
  ports: { http: '8080' },
  command: () => ['web'],
  ready: 'listening',
})

const app = defineService({
  kind: 'app',
  dependsOn: { web },
  command: ({ service }) => ['app', `${service('web').ports.admin}`],
  ready: 'started',
})
defineCluster({ services: { web, app } })
// @ts-expect-error a web without the port admin
defineCluster({ services: { web: defineService({ ...web, ports: { http: 8080 } }), app } })

const services = {
  ldap: ldap({ suffix: 'dc=example' }),
  secure: ldap({ suffix: 'dc=example', tls: true }),
  ssh: ssh(),
  hgweb: hgweb(),
  app,
  web,
}
const cluster = defineCluster({
  services,
  ports: { ssh: 20059, 'hgweb.http': port, 'secure.ldaps': 10636, 'web.admin': 8081 },
})
expectTypeOf(cluster.services.web).toEqualTypeOf<typeof web>()
// @ts-expect-error an unknown service
defineCluster({ services, ports: { shh: 20059 } })
// @ts-expect-error an unknown port
defineCluster({ services, ports: { 'ssh.sssh': 20059 } })
// @ts-expect-error an ldap without tls has no ldaps
defineCluster({ services, ports: { 'ldap.ldaps': 10636 } })
// @ts-expect-error which of its two ports?
defineCluster({ services, ports: { web: 8080 } })
// @ts-expect-error a service without ports
defineCluster({ services, ports: { app: 8080 } })
// @ts-expect-error a string for a number
defineCluster({ services, ports: { ssh: '20059' } })

// Services of the cluster that is extended
defineCluster({ extends: cluster, services: { other: ssh() }, ports: { other: 1, ssh: 2 } })
// @ts-expect-error neither has such a service
defineCluster({ extends: cluster, services: { other: ssh() }, ports: { othr: 1 } })

export async function sessions(): Promise<void> {
  await using session = await openSession(cluster, { ports: { ssh: 20059, ldap: port } })
  expectTypeOf((await session.handle('ssh')).port).toEqualTypeOf<number>()
  // @ts-expect-error an unknown service
  await openSession(cluster, { ports: { shh: 20059 } })
  await openSession({ services: { ssh: ssh() } }, { ports: { 'ssh.ssh': 20059 } })
  // Checked only at run time
  const some: Services = services
  await openSession({ services: some }, { ports: { any: 1, 'any.thing': 2 } })
}

plugin({ ports: { ssh: 20059, 'ldap.ldaps': port } })
// @ts-expect-error a string for a number
plugin({ ports: { ssh: '20059' } })

expectTypeOf<PortNumbers<{ web: typeof web; app: typeof app }>>().toEqualTypeOf<{
  readonly 'web.http'?: number | undefined
  readonly 'web.admin'?: number | undefined
}>()
