/** Compiled by `tsc --build`, never run: what compiles here and what does not is the test. */
import { type SshHandle, ssh } from '@vitest-cluster/fixtures'
import { expectTypeOf } from 'vitest'
import { defineCluster, defineService, type HostHandle, openSession } from 'vitest-cluster'
import { withCluster } from 'vitest-cluster/test'

const web = defineService({
  kind: 'web',
  ports: ['http'],
  dependsOn: { sshd: { kind: 'ssh', ports: ['ssh'] } },
  ready: 'listening',
  command: ({ address, host, ports, service }) => {
    expectTypeOf(address).toEqualTypeOf<string>()
    expectTypeOf(host).toEqualTypeOf<string | undefined>()
    expectTypeOf(service('sshd').address).toEqualTypeOf<string>()
    return ['web', `${address}:${ports.http}`, `${service('sshd').ports.ssh}`]
  },
  handle: ({ address, ports }) => ({ url: `http://${address}:${ports.http}` }),
})

const mirror = { directories: ['/var/log'], services: { sshd: ssh(), web } }
const cluster = defineCluster({
  services: { login: ssh() },
  hosts: { hgweb0: mirror, hgweb1: { ...mirror, address: '127.0.0.12' }, 'no-service': {} },
})

async function sessions(): Promise<void> {
  await using session = await openSession(cluster)
  expectTypeOf((await session.handle('hgweb0-web')).url).toEqualTypeOf<string>()
  expectTypeOf(await session.handle('hgweb1-sshd')).toExtend<SshHandle>()
  expectTypeOf(await session.handle('login')).toExtend<SshHandle>()
  const hgweb1 = await session.host('hgweb1')
  expectTypeOf(hgweb1).toExtend<HostHandle>()
  expectTypeOf(hgweb1.web.url).toEqualTypeOf<string>()
  expectTypeOf(hgweb1.sshd).toExtend<SshHandle>()
  // @ts-expect-error no such service of the host
  void hgweb1.ldap
  await session.host('no-service')
  // @ts-expect-error no such service of the host
  void session.handle('hgweb0-ldap')
  // @ts-expect-error a service of a host has the host's name before its own
  void session.handle('web')
  // @ts-expect-error no such host
  void session.host('hgweb2')
}

void sessions

const test = withCluster(cluster)
test('the fixtures of hosts', async ({ hgweb0, login }) => {
  expectTypeOf(hgweb0.exec).toEqualTypeOf<HostHandle['exec']>()
  expectTypeOf(hgweb0.web.url).toEqualTypeOf<string>()
  expectTypeOf(login.url).toEqualTypeOf<string>()
})
// @ts-expect-error Vitest cannot read a quoted name: the host has its services' handles
test('a service of a host', async ({ 'hgweb0-web': page }) => void page)
// @ts-expect-error no such host
test('a host that is not there', async ({ hgweb2 }) => void hgweb2)

const extended = defineCluster({
  extends: cluster,
  services: {},
  hosts: { more: { services: { sshd: ssh() } } },
})
withCluster(extended)('the hosts of both clusters', ({ hgweb1, more }) => {
  expectTypeOf(hgweb1.sshd).toExtend<SshHandle>()
  expectTypeOf(more.sshd).toExtend<SshHandle>()
})

defineCluster({
  services: {},
  // @ts-expect-error the host has no service sshd, and neither has the cluster
  hosts: { alone: { services: { web } } },
})
defineCluster({
  services: { sshd: ssh() },
  // A service of the cluster is enough
  hosts: { alone: { services: { web } } },
})
defineCluster({
  services: {},
  // @ts-expect-error a misspelt field
  hosts: { web0: { adress: '127.0.0.12', services: { sshd: ssh() } } },
})
