import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { execa } from 'execa'
import { onTestFinished } from 'vitest'

/** Where Debian is mirrored, as this machine's apt has it: the part before `/debian`. */
async function upstream(): Promise<string | undefined> {
  const argv = ['update', '--print-uris']
  const { stdout } = await execa('apt-get', argv, { reject: false, env: { LC_ALL: 'C' } })
  return /^'(https?:\/\/\S+)\/debian\/dists\//m.exec(`${stdout}`)?.[1]
}

const DEBIAN = await upstream()
/** A host that is in the network, for whoever looks names up. */
export const DEBIAN_HOST = DEBIAN && new URL(DEBIAN).hostname

/** One package of every tree and one of a layer: apt tries each some times, and waits longer and longer between. */
const CUT = /\/(?:dash|nano)_/

/** How a mirror can misbehave. */
export type Way = 'well' | 'altered' | 'cut' | 'none' | 'silent'

/** A mirror of Debian that goes with the test. */
export interface Mirror {
  readonly url: string
  /** Until it is said otherwise. Resolves when it is asked for something next. */
  behave(way: Way): Promise<void>
  close(): Promise<void>
}

/** Whether Debian's own mirror can be reached. */
export async function hasDebian(): Promise<boolean> {
  if (!DEBIAN) return false
  return fetch(`${DEBIAN}/debian/dists/trixie/InRelease`, { method: 'HEAD' }).then(
    ({ ok }) => ok,
    () => false,
  )
}

/**
 * Passes requests on to Debian's mirror, or misbehaves: `altered` changes the signed list of a suite, `cut` ends the
 * connection in the midst of a package, `none` has no suite, `silent` answers nothing.
 */
export async function mirror(): Promise<Mirror> {
  const mirror = await startMirror()
  onTestFinished(mirror.close)
  return mirror
}

/** As {@link mirror}, for several tests: whoever starts it closes it. */
export async function startMirror(): Promise<Mirror> {
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
  if (way === 'silent') return
  if (way === 'none' && url.includes('/dists/')) return void response.writeHead(404).end()
  const known = seen.get(url) ?? ask(url)
  seen.set(url, known)
  const { status, body } = await known
  if (way === 'cut' && CUT.test(url)) {
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
