/**
 * Opens so many sessions at the same time and uses them, holds them until stdin ends, uses them again, and closes them.
 * Prints a line for each: its id and ports.
 */
import { once } from 'node:events'
import { openSession } from 'vitest-cluster'
import { cluster } from './definition.ts'
import { begin } from './phase.ts'
import { use } from './uses.ts'

/** The printed line of a session. */
export interface Membership {
  readonly id: string
  readonly ports: readonly number[]
}

const count = Number(process.argv[2])
const sessions = await Promise.all(Array.from({ length: count }, () => openSession(cluster)))
begin('use')
const uses = () => Promise.all(sessions.map((session) => use(session, true)))
const ports = await uses()
for (const [index, session] of sessions.entries())
  console.log(JSON.stringify({ id: session.id, ports: ports[index] ?? [] }))
begin('close')
process.stdin.resume()
await once(process.stdin, 'end')
await uses()
await Promise.all(sessions.map((session) => session.close()))
