/** Hosts, and services with a tree of their own, under each isolation. */
import { hostname } from 'node:os'
import { describe, expect, test, vi } from 'vitest'
import { defineCluster, defineService, openSession, type ServiceInput } from 'vitest-cluster'
import { files } from 'vitest-cluster/tree'
import { namesOfMachine } from '../../packages/vitest-cluster/src/root/names.ts'
import { temporaryDirectory } from '../../packages/vitest-cluster/test/helpers/temporary.ts'
import { busyboxTree, programsOfHost } from '../../packages/vitest-cluster/test/helpers/trees.ts'
import { ISOLATIONS, reason } from '../support/isolations.ts'
import { nothingLeft } from '../support/leftovers.ts'

const AXES = { tags: ['user', 'systemd'] }

/** A web server that answers with its host's name. */
const web = defineService({
  kind: 'web',
  programs: ['python3'],
  ports: ['http'],
  files: ({ host = 'none' }) => ({ 'index.html': { content: host, mode: 0o644 } }),
  command: ({ address, ports }) => [
    ...['python3', '-m', 'http.server', '--bind', address, `${ports.http}`],
  ],
  ready: 'listening',
  handle: ({ address, ports }) => ({ url: `http://${address}:${ports.http}`, port: ports.http }),
})

/** A service that logs what it sees of the service `web` beside it and of the database. */
const agent = defineService({
  kind: 'agent',
  dependsOn: ['web', 'db'],
  // Each host has its own file of this name
  logFiles: ['/var/log/app/agent.log'],
  syslog: true,
  ready: { logLine: '^seen' },
  command: ({ service }) => {
    const [beside, db] = [service('web'), service('db')]
    const seen = `seen ${beside.name} ${beside.address} ${db.address}`
    return ['sh', '-c', `echo ${seen} >>/var/log/app/agent.log; exec sleep 1e9`]
  },
})

/** A directory whose name is written in another way in mountinfo (proc_pid_mountinfo(5)), and has a conversion of printf(1). */
const ODD = '/odd 100%s\\134 name'

const idle = (options: Partial<ServiceInput> = {}) =>
  defineService({
    kind: 'idle',
    ready: 'started',
    command: () => ['/bin/sleep', '1000000'],
    ...options,
  })

for (const isolation of ISOLATIONS) {
  const missing = await reason(isolation)
  const title = missing ? `${isolation} (this machine cannot: ${missing})` : isolation
  describe.skipIf(missing)(title, () => {
    test('hosts have addresses, ports and directories of their own', AXES, async () => {
      const mirror = { directories: ['/etc/app', '/repo', '/var/log'], services: { web, agent } }
      const cluster = defineCluster({
        isolation,
        services: { db: web },
        hosts: { web0: mirror, web1: { ...mirror, address: '127.0.0.99' }, web2: mirror },
      })
      const session = await openSession(cluster)
      try {
        const names = ['web0', 'web1', 'web2'] as const
        const [db, ...webs] = await Promise.all([
          session.handle('db'),
          ...names.map((name) => session.handle(`${name}-web`)),
        ])
        const addresses = webs.map(({ url }) => new URL(url).hostname)
        const network = addresses[0]?.replace(/1$/, '')
        expect(network).toMatch(/^127\.0\.\d+\.$/)
        expect(addresses).toEqual([`${network}1`, '127.0.0.99', `${network}2`])
        // The same port on each host, and another one for the service of the cluster
        expect(new Set(webs.map(({ port }) => port)).size).toBe(1)
        expect(db.port).not.toBe(webs[0]?.port)
        const pages = await Promise.all([db, ...webs].map(async ({ url }) => fetch(url)))
        expect(await Promise.all(pages.map((page) => page.text()))).toEqual(['none', ...names])
        const agent = await session.handle('web1-agent')
        expect(await agent.log.text()).toBe('seen web1-web 127.0.0.99 127.0.0.1\n')
        await agent.exec(['logger', '--tag', 'me', 'to syslog'])
        expect(await agent.log.text()).toMatch(/\nme: to syslog\n$/)

        const hosts = await Promise.all(names.map((name) => session.host(name)))
        const run = async (host: { exec: (typeof db)['exec'] }, text: string) =>
          (await host.exec(['sh', '-c', text])).stdout
        for (const host of hosts) {
          // Its own files can be written to, and renamed over
          await run(host, `echo ${host.name} >/etc/app/new && mv /etc/app/new /etc/app/name`)
          await run(host, 'echo x >/repo/$(cat /etc/app/name)')
        }
        for (const [index, host] of hosts.entries()) {
          expect(await run(host, 'cat /etc/app/name; ls /repo; cat /etc/hostname')).toBe(
            `${host.name}\n`.repeat(3),
          )
          // What exec of its services sees is the same
          expect(await run(webs[index] ?? db, 'ls /repo; pwd')).toBe(
            `${host.name}\n/srv/${host.name}-web\n`,
          )
          const all = await run(host, `getent ahostsv4 web0 web1-agent WEB2 db ${hostname()}`)
          expect(new Set(all.split('\n').map((line) => line.split(' ')[0]))).toEqual(
            new Set([...addresses, '127.0.0.1', '']),
          )
          // The machine's own name is the host; with a manager of its own it is the host's name
          const own = isolation === 'chroot' ? hostname() : host.name
          expect(await run(host, 'uname -n; getent ahostsv4 $(uname -n) | head -n 1')).toMatch(
            new RegExp(`^${own}\n${host.address.replaceAll('.', '\\.')} `),
          )
        }
        // The cluster's other services have none of these directories
        expect(await run(db, 'ls /repo 2>/dev/null || true; ls /etc/app 2>/dev/null || true')).toBe(
          '',
        )

        const web0 = await session.host('web0')
        const [first = '', second = ''] = webs.map(({ url }) => url)
        await web0.stop()
        await expect(fetch(first)).rejects.toThrow()
        expect((await fetch(second)).status).toBe(200)
        expect(await run(web0, 'cat /etc/app/name')).toBe('web0\n')
        await web0.start()
        expect(await (await fetch(first)).text()).toBe('web0')
      } finally {
        await session.close()
      }
      await nothingLeft({ ids: [session.id] })
    })

    test('hosts and services have trees of their own', AXES, async () => {
      vi.stubEnv('XDG_CACHE_HOME', await temporaryDirectory())
      const { tree } = await busyboxTree()
      const small = tree.with(
        await programsOfHost('/usr/bin/setpriv'),
        files({ '/etc/motd': 'tree\n', '/etc/app/conf': 'one\n', '/etc/hosts': '' }),
        files({ '/motd-of-root': 'root\n', [`${ODD}/file`]: '' }),
      )
      const ofService = small.with(files({ '/etc/motd': 'service\n' }))
      // Its state is made in the root, too, by a program of the tree
      const stateful = idle({
        state: {
          inputs: () => [1],
          make: async ({ exec }) => {
            await exec(['/bin/sh', '-c', 'cat /etc/motd >motd'])
          },
        },
        ready: { exec: ['/bin/test', '-e', '/etc/motd'] },
      })
      const cluster = defineCluster({
        isolation,
        services: { main: idle(), own: { ...stateful, tree: ofService } },
        hosts: {
          some: { tree: small, directories: ['/etc/app'], services: { idle: stateful } },
          whole: { tree: small, directories: ['/'], services: { idle: stateful } },
        },
      })
      const session = await openSession(cluster)
      try {
        const options =
          isolation === 'chroot' ? { allowFailure: true } : { allowFailure: true, user: 'root' }
        const run = async (name: keyof typeof cluster.services, text: string) => {
          const { exec } = await session.handle(name)
          const { stdout, stderr } = await exec(['/bin/sh', '-c', text], options)
          return `${stdout}${stderr.replace(/.*(Read-only file system)\n/, '$1')}`
        }
        expect(await run('own', 'cat /etc/motd motd')).toBe('service\nservice\n')
        for (const host of ['some', 'whole'] as const) {
          const text = 'cat /etc/motd motd; head -n 2 /etc/hosts; cat /etc/app/conf'
          const { address } = await session.host(host)
          const machine = namesOfMachine(hostname()).join(' ')
          const names = `${address} ${host} ${host}-idle ${machine}\n${address} localhost\n`
          expect(await run(`${host}-idle`, text)).toBe(`tree\ntree\n${names}one\n`)
          const change =
            'echo two >/etc/app/new && mv /etc/app/new /etc/app/conf; cat /etc/app/conf'
          expect(await run(`${host}-idle`, change)).toBe('two\n')
        }
        expect(await run('own', 'cat /etc/app/conf')).toBe('one\n')
        for (const name of ['own', 'some-idle'] as const)
          for (const path of ['/usr/new', '/etc/motd', `${ODD}/file`])
            expect(await run(name, `echo x >'${path}'`)).toBe('Read-only file system')
        expect(await run('whole-idle', 'echo x >/usr/new && cat /usr/new')).toBe('x\n')
        // A file of the root directory can be moved out of it, and others can be created there
        const move =
          'mv /motd-of-root /usr/moved && echo y >/new && cat /usr/moved /new; ls /motd* || :'
        expect(await run('whole-idle', move)).toMatch(/^root\ny\nls: .*\/motd\*/)
        expect(await run('main', 'ls /usr/new 2>/dev/null; ls /usr/share/data 2>/dev/null')).toBe(
          '',
        )
      } finally {
        await session.close()
      }
      await nothingLeft({ ids: [session.id] })
    })
  })
}
