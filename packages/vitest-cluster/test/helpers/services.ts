import { createConnection } from 'node:net'
import { defineService, type ServiceInput } from '../../src/index.ts'

type Options = Partial<Pick<ServiceInput, 'ready' | 'dependsOn' | 'readyTimeout' | 'stopSignal'>>

/** Redis, which sends READY=1. */
export function redis(options: Options = {}) {
  return defineService({
    kind: 'redis',
    programs: [
      { name: 'redis-server', debian: 'redis-server', fedora: 'redis', arch: 'redis' },
      { name: 'redis-cli', debian: 'redis-tools', fedora: 'redis', arch: 'redis' },
    ],
    ports: ['redis'],
    command: ({ ports }) => [
      'redis-server',
      ...['--bind', '127.0.0.1', '--port', `${ports.redis}`, '--save', ''],
      ...['--supervised', options.ready ? 'no' : 'systemd'],
    ],
    env: ({ ports }) => ({ REDIS_PORT: `${ports.redis}` }),
    ready: 'notify',
    ...options,
    handle: ({ ports, exec }) => ({
      port: ports.redis,
      cli: async (...words: string[]) =>
        (await exec(['redis-cli', '-p', `${ports.redis}`, ...words])).stdout.trim(),
    }),
  })
}

/** memcached, which does not report when it is ready. */
export function memcached(options: Options = {}) {
  return defineService({
    kind: 'memcached',
    programs: [{ name: 'memcached', debian: 'memcached', fedora: 'memcached', arch: 'memcached' }],
    ports: ['memcached'],
    command: ({ ports }) => ['memcached', '-l', '127.0.0.1', '-p', `${ports.memcached}`, '-U', '0'],
    ready: 'listening',
    ...options,
    handle: ({ ports }) => ({ port: ports.memcached }),
  })
}

/** A service that is a shell script. */
export function script(text: string, options: Partial<ServiceInput> = {}) {
  return defineService({
    kind: 'script',
    command: () => ['/bin/sh', '-c', text],
    ready: 'started',
    ...options,
  })
}

/** Connects once, sends the text, and returns the server's first answer. */
export function ask(port: number, words: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = createConnection({ host: '127.0.0.1', port })
    socket.once('error', reject)
    socket.once('data', (data) => {
      socket.destroy()
      resolve(data.toString())
    })
    socket.write(words)
  })
}

/** A long readyTimeout: a service that is never ready does not fail during a test. */
export const NEVER = { ready: { logLine: 'never' }, readyTimeout: 60_000 } as const
