// @module-tag user
// @module-tag systemd
import { rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test, vi } from 'vitest'
import { defineCluster, defineService, openSession, type ServiceInput } from '../../src/index.ts'
import { started } from '../helpers/child.ts'
import { failureOf } from '../helpers/failure.ts'
import { ask, script } from '../helpers/services.ts'
import { up } from '../helpers/session.ts'
import { areSysctlsClosed, isClosed, ONLY_ROOT, ROOT, skipWhen } from '../helpers/situation.ts'
import { temporaryDirectory } from '../helpers/temporary.ts'
import { busyboxTree } from '../helpers/trees.ts'

type Options = Partial<Pick<ServiceInput, 'hostPaths' | 'readyTimeout'>>

function listener(command: (port: number) => readonly string[], options: Options = {}) {
  return defineService({
    kind: 'listener',
    ports: ['main'],
    command: ({ ports }) => command(ports.main),
    ready: 'listening',
    ...options,
    handle: ({ ports }) => ({ port: ports.main }),
  })
}

/** A server in Python; the text creates sockets with `on(address, port, v6only)`. */
const python = (text: string, options?: Options) =>
  listener((port) => ['python3', '-c', `${PYTHON}\nPORT = ${port}\n${text}\nserve()`], options)

const PYTHON = `
import os, select, socket, time
made = []
def on(address, port, only=0):
    made.append(socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET))
    if ":" in address: made[-1].setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, only)
    made[-1].setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made[-1].bind((address, port))
    made[-1].listen()
def unix(path):
    made.append(socket.socket(socket.AF_UNIX))
    made[-1].bind(path)
    made[-1].listen()
def serve():
    while True:
        for one in select.select(made, [], [])[0]:
            client = one.accept()[0]
            client.sendall(b"hello")
            client.close()
`

test('a server of Node on its default address is ready, at each start', async ({ skip }) => {
  skipWhen(skip, isClosed(), 'the repository is closed to the uid of services')
  const text = 'require("net").createServer((s) => s.end("hello")).listen(process.argv[1])'
  const node = listener((port) => [process.execPath, '-e', text, `${port}`], {
    hostPaths: [dirname(process.execPath)],
  })
  await using session = await up({ node })
  const { port, restart } = await session.handle('node')
  expect(await ask(port, 'x')).toBe('hello')
  await restart()
  expect(await ask(port, 'x')).toBe('hello')
})

test('a server is ready on each address that accepts connections to 127.0.0.1', async () => {
  await using session = await up({
    any: python('on("0.0.0.0", PORT)'),
    both: python('on("::", PORT)'),
    loopback: python('on("127.0.0.1", PORT)'),
    mapped: python('on("::ffff:127.0.0.1", PORT)'),
    // Its other sockets do not matter
    more: python('on("::1", PORT); on("127.0.0.1", PORT); on("127.0.0.1", 0)'),
  })
  for (const name of ['any', 'both', 'loopback', 'mapped', 'more'] as const)
    expect(await ask((await session.handle(name)).port, 'x')).toBe('hello')
})

test('a server that listens on another address is an error with that address and the fix', async () => {
  const text = 'on("::1", PORT); on("127.0.0.2", PORT); on("127.0.0.1", 0); unix("own.sock")'
  const error = await failureOf({ web: python(text, { readyTimeout: 3_000 }) })
  expect(error).toMatchObject({ code: 'NOT_READY', details: { service: 'web' } })
  const [, port] = /but not on 127\.0\.0\.1:(\d+) /.exec(error.message) ?? []
  expect(error.message).toMatch(/^web: was not ready within 3 s: it listens on /)
  const where = error.message.split('\n')[0]
  for (const words of [`[::1]:${port}`, `127.0.0.2:${port}`, 'and the Unix socket own.sock'])
    expect(where).toContain(words)
  expect(where).toMatch(/ 127\.0\.0\.1:\d+[, ].*but not on/)
  expect(error.message).toContain(`fix: Make it listen on 127.0.0.1 and on ports.main (${port})`)
})

test('the fix for a service of a host names its address', async () => {
  const web = python('on("127.0.0.1", PORT)', { readyTimeout: 1_000 })
  const cluster = defineCluster({ services: {}, hosts: { box: { services: { web } } } })
  // Not that localhost may be [::1]: there it is the address
  await expect(openSession(cluster)).rejects.toMatchObject({
    code: 'NOT_READY',
    details: {
      fix: expect.stringMatching(
        /^Make it listen on 127\.0\.\d+\.1 and on ports\.main \(\d+\), .* \(\{ address, ports \}\)\. If it needs/,
      ),
    },
  })
})

test('a socket on [::] without IPv4, or of another service, does not make a service ready', async () => {
  const other = python('on("127.0.0.1", PORT)')
  const error = await failureOf({
    other,
    web: python('on("::", PORT, 1)', { readyTimeout: 3_000 }),
  })
  expect(error.message).toMatch(
    /^web: was not ready within 3 s: it listens on \[::\]:(\d+) \(IPv6 only\), but not on 127\.0\.0\.1:\1 \[NOT_READY\]/,
  )
})

test('a service in a tree without perl becomes ready', async () => {
  vi.stubEnv('XDG_CACHE_HOME', await temporaryDirectory())
  onTestFinished(() => void vi.unstubAllEnvs())
  const { tree, path } = await busyboxTree()
  await rm(join(path, 'bin/awk'))
  const httpd = (address: string, options?: Options) =>
    listener((port) => ['/bin/httpd', '-f', '-p', `${address}:${port}`, '-h', '/'], options)
  const cluster = (services: Record<string, ReturnType<typeof httpd>>) =>
    openSession(defineCluster({ isolation: 'chroot', tree, services }))
  const session = await cluster({ both: httpd('[::]'), loopback: httpd('127.0.0.1') })
  onTestFinished(() => session.close())
  for (const name of ['both', 'loopback']) {
    const { port } = (await session.handle(name)) as { port: number }
    expect((await fetch(`http://127.0.0.1:${port}/etc/motd`)).status).toBe(200)
  }
  await expect(cluster({ v6: httpd('[::1]', { readyTimeout: 1_000 }) })).rejects.toThrow(
    /^v6: was not ready within 1 s; awaited: a listening socket of the service on port \d+ of 127\.0\.0\.1 /,
  )
})

test('a program that ends before it listens is an error with the port', async () => {
  const error = await failureOf({
    web: script('sleep 0.2; echo leaving; exit 3', { ports: ['a', 'b'], ready: 'listening' }),
  })
  expect(error.message).toMatch(/the program ended before it listened on port \d+\n/)
})

test('a service becomes ready on a machine with IPv6 switched off', async ({ skip }) => {
  skipWhen(skip, !ROOT, ONLY_ROOT)
  skipWhen(skip, await areSysctlsClosed(), 'sysctls are read-only in this container')
  const before = 'ip link set lo up; echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6; exec "$@"'
  const helper = fileURLToPath(new URL('../helpers/opens-dual.ts', import.meta.url))
  const argv = ['--net', 'sh', '-ec', before, 'sh', process.execPath, helper]
  const { said, ended } = await started('unshare', ...argv)
  expect(said).toMatch(/^"family \d+"$/)
  await ended
})
