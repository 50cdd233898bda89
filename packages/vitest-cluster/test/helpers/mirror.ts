import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished, vi } from 'vitest'

const DEBIAN = 'http://deb.debian.org'

/** How a mirror can misbehave. */
export type Way = 'well' | 'altered' | 'cut' | 'none'

/** A mirror of Debian that goes with the test. */
export interface Mirror {
  readonly url: string
  /** Until it is said otherwise. */
  behave(way: Way): void
  close(): Promise<void>
}

/** Whether Debian's own mirror can be reached. */
export async function hasDebian(): Promise<boolean> {
  return fetch(`${DEBIAN}/debian/dists/trixie/InRelease`, { method: 'HEAD' }).then(
    ({ ok }) => ok,
    () => false,
  )
}

/**
 * Passes requests on to Debian's mirror, or misbehaves: `altered` changes the signed list of a suite, `cut` ends the
 * connection in the midst of each package, `none` has no suite.
 */
export async function mirror(): Promise<Mirror> {
  let way: Way = 'well'
  const seen = new Map<string, Promise<Answer>>()
  const server = createServer((request, response) => {
    void answer(request, response, seen, way).catch(() => response.destroy())
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const close = async () => {
    if (!server.listening) return
    server.close()
    server.closeAllConnections()
    await once(server, 'close')
  }
  onTestFinished(close)
  vi.stubEnv('no_proxy', '127.0.0.1')
  onTestFinished(() => void vi.unstubAllEnvs())
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/debian`,
    behave: (next) => {
      way = next
    },
    close,
  }
}

interface Answer {
  readonly status: number
  readonly body: Buffer
}

async function answer(
  { url = '' }: IncomingMessage,
  response: ServerResponse,
  seen: Map<string, Promise<Answer>>,
  way: Way,
): Promise<void> {
  if (way === 'none' && url.includes('/dists/')) return void response.writeHead(404).end()
  const known = seen.get(url) ?? ask(url)
  seen.set(url, known)
  const { status, body } = await known
  if (way === 'cut' && url.includes('/pool/')) {
    response.writeHead(200, { 'content-length': body.length })
    return void response.write(body.subarray(0, body.length / 2), () => response.destroy())
  }
  const altered = way === 'altered' && /\/(?:In)?Release$/.test(url)
  const sent = altered ? `${body}`.replace('Origin: Debian', 'Origin: Other!') : body
  response.writeHead(status, { 'content-length': sent.length }).end(sent)
}

async function ask(url: string): Promise<Answer> {
  const found = await fetch(`${DEBIAN}${url}`)
  return { status: found.status, body: Buffer.from(await found.arrayBuffer()) }
}
