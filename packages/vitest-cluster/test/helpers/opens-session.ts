// Opens a session, says how to find it, and keeps it until it is killed.
import { openInternal } from '../../src/open/open-session.ts'
import { redis } from './services.ts'

const session = await openInternal({ services: { redis: redis() } })
const { port } = await session.handle('redis')
console.log(JSON.stringify({ id: session.id, directory: session.plan.paths.directory, port }))
process.stdin.resume()
