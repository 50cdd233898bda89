/** A process that opens a session of all three services, prints how to find it, and holds it until it is killed. */
import { openSession } from 'vitest-cluster'
import cluster from './cluster.ts'

const session = await openSession(cluster)
const handles = await Promise.all([
  session.handle('ldap'),
  session.handle('ssh'),
  session.handle('hgweb'),
])
process.send?.({ id: session.id, ports: handles.map(({ port }) => port) })
process.on('message', () => {})
