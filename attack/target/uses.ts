import { once } from 'node:events'
import { createConnection } from 'node:net'
import { type Handle, isClusterError, type Session } from 'vitest-cluster'
import { hasPrograms, type plain, type quickstart } from './definition.ts'

type Quickstart = {
  [Name in keyof (typeof quickstart)['services']]: Handle<(typeof quickstart)['services'][Name]>
}
type Plain = {
  [Name in keyof (typeof plain)['services']]: Handle<(typeof plain)['services'][Name]>
}

/** A request to a service that got no answer. The library is not involved, so it throws no ClusterError. */
export class RequestError extends Error {}

/** One request to each server. A server that is up answers the first one. */
export async function requestAll({
  ldap,
  ssh,
  hgweb,
}: Omit<Quickstart, 'careless'>): Promise<number[]> {
  const ports = [ldap.port, ssh.port, hgweb.port]
  await request(() =>
    Promise.all([
      ldap.connect().then((client) => client.unbind()),
      greeting(ssh.port),
      page(hgweb.urlFor('demo')),
    ]),
  )
  return ports
}

/** Everything that a test does with handles: requests, a login, programs in the tree, a restart. */
export async function useQuickstart(handles: Quickstart): Promise<void> {
  const { ldap, ssh, hgweb, careless } = handles
  await requestAll(handles)
  await request(async () => {
    await ldap.addUser({ uid: 'alice' })
    await ldap.addSshKey('alice', ssh.publicKey)
    const { exitCode, stderr } = await ssh.run('true', { user: 'alice' })
    if (exitCode !== 0) throw new Error(`ssh ended with ${exitCode}: ${stderr}`)
  })
  await hgweb.exec(['true'])
  await careless.restart()
  await requestAll(handles)
}

export async function usePlain({ careless, other }: Plain): Promise<void> {
  await other.exec(['true'])
  await careless.restart()
  await careless.exec(['true'])
}

/** Uses a session of this machine's cluster; with `briefly` only by one request to each server. */
export async function use(session: Session, briefly = false): Promise<number[]> {
  if (!hasPrograms) {
    const opened = session as unknown as Session<(typeof plain)['services']>
    const [careless, other] = await Promise.all([opened.handle('careless'), opened.handle('other')])
    if (briefly) await other.exec(['true'])
    else await usePlain({ careless, other })
    return []
  }
  const opened = session as unknown as Session<(typeof quickstart)['services']>
  const [ldap, ssh, hgweb, careless] = await Promise.all([
    opened.handle('ldap'),
    opened.handle('ssh'),
    opened.handle('hgweb'),
    opened.handle('careless'),
  ])
  if (!briefly) await useQuickstart({ ldap, ssh, hgweb, careless })
  return requestAll({ ldap, ssh, hgweb })
}

async function request(work: () => Promise<unknown>): Promise<void> {
  try {
    await work()
  } catch (cause) {
    if (isClusterError(cause)) throw cause
    throw new RequestError(`a request failed: ${cause}`, { cause })
  }
}

async function greeting(port: number): Promise<void> {
  const socket = createConnection(port, '127.0.0.1')
  const [data] = await Promise.race([once(socket, 'data'), once(socket, 'close')])
  socket.destroy()
  if (!String(data).startsWith('SSH-2.0-')) throw new Error(`sshd greets with ${data}`)
}

async function page(url: string): Promise<void> {
  const { status } = await fetch(url, { signal: AbortSignal.timeout(5_000) })
  if (status !== 200) throw new Error(`hgweb answers with ${status}`)
}
