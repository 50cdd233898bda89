import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { Writable } from 'node:stream'
import type { Cluster } from './cluster.ts'
import { frame, framing } from './frames.ts'
import { replicated, waitsForReplication } from './replicated.ts'
import { type Request, readRequest } from './request.ts'
import { clusterState } from './state.ts'
import { supervise } from './supervise.ts'
import { supervisorCall } from './supervisor.ts'

/** What answers the client side of the tests. */
export interface Control extends AsyncDisposable {
  /** For programs that may use the cluster; nobody else knows the token. */
  readonly env: Readonly<Record<string, string>>
}

/** In milliseconds: a client sends its request at once. */
const PATIENCE = 10_000

/** Answers `hgmo` on a port of the loopback, for one cluster. */
export async function serveControl(cluster: Cluster): Promise<Control> {
  const token = randomBytes(32).toString('hex')
  const sockets = new Set<Socket>()
  let state: ReturnType<typeof clusterState> | undefined
  const answer = (request: Request, input: Buffer, socket: Socket): Promise<object> => {
    // supervisorctl in a program of a host asks, too
    if (request.command === 'exec') return execute(cluster, request, { input, socket, env })
    // Nothing of it changes while the cluster is up
    state ??= clusterState(cluster)
    return state.then((known) => ({ state: known }))
  }
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => {})
    void serve(socket, token, answer)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (typeof address !== 'object' || !address) throw new Error('the control has no port')
  const env = { HGMO_CONTROL: `127.0.0.1:${address.port}`, HGMO_TOKEN: token }
  return {
    env,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

async function serve(
  socket: Socket,
  token: string,
  answer: (request: Request, input: Buffer, socket: Socket) => Promise<object>,
): Promise<void> {
  const end = (content: object) => socket.end(frame('end', Buffer.from(JSON.stringify(content))))
  socket.setTimeout(PATIENCE, () => socket.destroy())
  try {
    const read = await readRequest(socket, token)
    socket.setTimeout(0)
    if ('refused' in read) end({ error: read.refused })
    else end(await answer(read.request, read.input, socket))
  } catch (error) {
    end({ error: error instanceof Error ? error.message : String(error) })
  }
}

interface Caller {
  readonly input: Buffer
  readonly socket: Socket
  readonly env: Readonly<Record<string, string>>
}

async function execute(
  cluster: Cluster,
  { host, argv, merged, detach }: Extract<Request, { readonly command: 'exec' }>,
  { input, socket, env }: Caller,
): Promise<object> {
  const stdout = framing(socket, 'stdout')
  const call = supervisorCall(argv, await cluster.services(host))
  if (call !== undefined) {
    return { exitCode: await supervise(cluster, host, call, (line) => stdout.write(`${line}\n`)) }
  }
  // As in a container: root, in /
  const how = { user: 'root', cwd: '/', env: { ...env, HOME: '/root' }, input }
  if (detach) {
    const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
    cluster.exec(host, argv, { ...how, stdout: nowhere, stderr: nowhere }).catch(() => {})
    return { exitCode: 0 }
  }
  const stderr = merged ? stdout : framing(socket, 'stderr')
  const exitCode = await cluster.exec(host, argv, { ...how, stdout, stderr })
  if (exitCode === 0 && waitsForReplication(argv)) await replicated(cluster)
  return { exitCode }
}
