// Opens a session, waits for a program of it, and leaves the session open.
import { openSession } from '../../src/index.ts'
import { redis } from './services.ts'

const session = await openSession({ services: { redis: redis() } })
const { exec } = await session.handle('redis')
await exec(['sleep', '0.2'])
console.log(JSON.stringify({ id: session.id }))
