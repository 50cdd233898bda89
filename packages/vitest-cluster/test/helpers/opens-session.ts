// Opens a session, prints how to find it, and holds it until this process is killed.
import { openInternal } from '../../src/open/open-session.ts'
import { redis } from './services.ts'

const session = await openInternal({ services: { redis: redis() } })
const { port } = await session.handle('redis')
console.log(JSON.stringify({ id: session.id, directory: session.plan.paths.directory, port }))
process.stdin.resume()
