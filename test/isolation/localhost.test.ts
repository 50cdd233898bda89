/** `localhost` on hosts, under each isolation. */
import { expect, test } from 'vitest'
import { defineCluster, defineService, openSession } from 'vitest-cluster'
import { freePort } from '../../packages/vitest-cluster/test/helpers/free-port.ts'
import { ISOLATIONS, reason } from '../support/isolations.ts'

const AXES = { tags: ['user', 'systemd'] }

/** A web server that listens on `localhost`, whatever that is, and answers with its host's name. */
const web = (port: number) =>
  defineService({
    kind: 'web',
    programs: ['python3'],
    ports: { http: port },
    files: ({ host = 'none' }) => ({ 'index.html': { content: host, mode: 0o644 } }),
    command: ({ ports }) => [
      ...['python3', '-m', 'http.server', '--bind', 'localhost', `${ports.http}`],
    ],
    ready: 'listening',
  })

const FETCH = `
import socket, sys, urllib.request
port = sys.argv[1]
print(sorted({each[4][0] for each in socket.getaddrinfo('localhost', port)}))
print(urllib.request.urlopen(f'http://localhost:{port}').read().decode())
print(socket.gethostbyaddr(socket.gethostbyname('localhost'))[0])
`

for (const isolation of ISOLATIONS) {
  const missing = await reason(isolation)
  const title = missing ? `${isolation} (this machine cannot: ${missing})` : isolation
  test.skipIf(missing)(`localhost is the address of the host under ${title}`, AXES, async () => {
    const port = await freePort()
    const services = { web: web(port) }
    const cluster = defineCluster({
      isolation,
      services: {
        idle: { ...web(port), ports: [], ready: 'started', command: () => ['sleep', '1e9'] },
      },
      hosts: { web0: { services }, web1: { services, directories: ['/etc'] } },
    })
    await using session = await openSession(cluster)
    for (const name of ['web0', 'web1'] as const) {
      const host = await session.host(name)
      const { stdout } = await host.exec(['python3', '-c', FETCH, `${port}`])
      expect(stdout).toBe(`['${host.address}']\n${name}\n${name}\n`)
      expect(await (await fetch(`http://${host.address}:${port}`)).text()).toBe(name)
    }
    // Nobody listens on the address that all share
    await expect(fetch(`http://127.0.0.1:${port}`)).rejects.toThrow()
    const { exec } = await session.handle('idle')
    expect((await exec(['getent', 'ahostsv4', 'localhost'])).stdout).toMatch(/^127\.0\.0\.1 /)
  })
}
