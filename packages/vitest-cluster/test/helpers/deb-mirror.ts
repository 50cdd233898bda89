import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/** How a mirror can misbehave. */
export type Way = 'well' | 'altered' | 'cut' | 'none' | 'silent'

/** A server of a repository. */
export interface Mirror {
  readonly url: string
  /** Sets how the server behaves from now on. Resolves at the next request. */
  behave(way: Way): Promise<void>
  close(): Promise<void>
}

/**
 * Serves a directory, or misbehaves: `altered` changes the signed list of a suite, `cut` ends the connection in the
 * midst of a package, `none` has no suite, `silent` answers nothing.
 */
export async function startMirror(directory: string, first: Way = 'well'): Promise<Mirror> {
  let way = first
  const server = createServer(({ url = '' }, response) => {
    void answer(directory, url, response, way).catch(() => response.destroy())
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const close = async () => {
    if (!server.listening) return
    server.close()
    server.closeAllConnections()
    await once(server, 'close')
  }
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/debian`,
    behave: async (next) => {
      way = next
      await once(server, 'request')
    },
    close,
  }
}

/** Like {@link startMirror}; closed when the test ends. */
export async function mirrorOf(directory: string, way?: Way): Promise<Mirror> {
  const mirror = await startMirror(directory, way)
  onTestFinished(mirror.close)
  return mirror
}

async function answer(directory: string, url: string, response: ServerResponse, way: Way) {
  if (way === 'silent') return
  const path = url.replace(/^\/debian\//, '')
  const body = await readFile(join(directory, path)).catch(() => undefined)
  if (!body || (way === 'none' && path.startsWith('dists/')))
    return void response.writeHead(404).end()
  if (way === 'cut' && path.endsWith('.deb')) {
    response.writeHead(200, { 'content-length': body.length })
    return void response.write(body.subarray(0, body.length / 2), () => response.destroy())
  }
  const altered = way === 'altered' && path.endsWith('/InRelease')
  const sent = altered ? `${body}`.replace('Origin: Test', 'Origin: Best') : body
  response.writeHead(200, { 'content-length': sent.length }).end(sent)
}
