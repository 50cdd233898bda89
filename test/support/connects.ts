/**
 * A process that opens so many sessions one after another, and connects to all three services of each as soon as it is
 * open. It prints when it has loaded everything, and begins at a line on stdin.
 */
import { once } from 'node:events'
import { createConnection } from 'node:net'
import { openSession } from 'vitest-cluster'
import cluster from './cluster.ts'

/** What the process prints about a session. */
export interface Report {
  readonly id: string
  readonly ports: readonly number[]
}

process.send?.('loaded')
await once(process, 'message')
for (let count = Number(process.argv[2]); count > 0; count--) process.send?.(await session())
process.disconnect?.()

async function session(): Promise<Report> {
  const session = await openSession(cluster)
  try {
    const [ldap, ssh, hgweb] = await Promise.all([
      session.handle('ldap'),
      session.handle('ssh'),
      session.handle('hgweb'),
    ])
    const [, greeting, page] = await Promise.all([
      ldap.connect().then((client) => client.unbind()),
      banner(ssh.port),
      fetch(hgweb.urlFor('demo')),
    ])
    if (!greeting.startsWith('SSH-2.0-')) throw new Error(`sshd greets with ${greeting}`)
    if (page.status !== 200) throw new Error(`hgweb answers with ${page.status}`)
    return { id: session.id, ports: [ldap.port, ssh.port, hgweb.port] }
  } finally {
    await session.close()
  }
}

/** The first line that a server sends. */
async function banner(port: number): Promise<string> {
  const socket = createConnection(port, '127.0.0.1')
  const [data] = await once(socket, 'data')
  socket.destroy()
  return String(data)
}
