import type { ServiceDefinition } from 'vitest-cluster'
import { withCluster } from 'vitest-cluster/test'
import cluster from '../../../cluster.config.ts'
import { killOfUnit } from '../kill.ts'

const test = withCluster(cluster)
const definitions: Readonly<Record<string, ServiceDefinition>> = cluster.services

// Each passes: the run reports the services
for (const [name, { services }] of Object.entries(cluster.hosts ?? {}))
  for (const service of services)
    if (definitions[service]?.ready !== 'exited')
      test(`somebody kills ${service}`, async ({ hgssh, hgweb0, hgweb1, ldap, pulse, runner }) => {
        const all = new Map(Object.entries({ hgssh, hgweb0, hgweb1, ldap, pulse, runner }))
        const host = all.get(name)
        if (host) await killOfUnit(host, hgssh.sshd.unit.replace('hgssh-sshd', service))
      })
