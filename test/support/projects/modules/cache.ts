import { createConnection } from 'node:net'
import { text } from 'node:stream/consumers'
import { defineService, type ServiceInput } from 'vitest-cluster'

/** memcached, which starts in milliseconds: for tests in which the kind of service does not matter. */
export function cache(options: Partial<ServiceInput<'cache'>> = {}) {
  return defineService({
    kind: 'cache',
    programs: ['memcached'],
    ports: ['cache'],
    command: ({ ports }) => ['memcached', '-l', '127.0.0.1', '-p', `${ports.cache}`, '-U', '0'],
    ready: 'listening',
    ...options,
    handle: ({ ports }) => ({
      port: ports.cache,
      /** The server's answer to a line. */
      async ask(line: string): Promise<string> {
        const socket = createConnection(ports.cache, '127.0.0.1')
        socket.write(`${line}\r\nquit\r\n`)
        return text(socket)
      },
    }),
  })
}
