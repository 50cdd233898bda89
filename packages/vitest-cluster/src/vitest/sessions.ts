import { dirname } from 'node:path'
import { SESSION_VARIABLE, sessionValues } from '../client/variables.ts'
import type { ClusterDefinition } from '../definition/cluster.ts'
import type { PortNumbers } from '../definition/named-ports.ts'
import { openInternal } from '../open/open-session.ts'
import type { OpenedSession } from '../open/session.ts'
import { treeProgress } from '../report/tree-progress.ts'

interface Shared {
  readonly definition: Promise<ClusterDefinition>
  readonly session: Promise<OpenedSession>
  readonly life: SessionLife
  users: number
}

// On globalThis: Vite may load this module once for each project, but projects share sessions
const KEY = Symbol.for('vitest-cluster.sessions')
const registry = globalThis as { [KEY]?: Map<string, Shared> }
registry[KEY] ??= new Map()
const sessions = registry[KEY]

/** A project's share in a session; the last to release it closes it. */
export interface SessionShare {
  readonly plan: OpenedSession['plan']
  /** The environment variables of its handles, and the one that names the session. @throws as `sessionValues` */
  variables(): Promise<Readonly<Record<string, string>>>
  release(): Promise<void>
}

/** The directory and the callbacks of a session. */
export interface SessionLife {
  /** The directory for its logs if it fails to start. */
  readonly keepLogs: string
  /** Called once, when the session is up. */
  readonly opened: (session: OpenedSession) => Promise<OpenedSession>
  /** Called once, with the error, when the session did not start. */
  readonly failed: (error: unknown) => Promise<void>
  /** Called when all tests of a run have ended: several times in watch mode. */
  readonly runEnded: (session: OpenedSession) => Promise<void>
  /** Ends the session when the last project has released it. */
  readonly finish: (session: OpenedSession) => Promise<void>
}

/** What decides whether projects share a session. */
export interface Shareable {
  /** The definition's file. */
  readonly path: string
  /** The numbers that the project gives to ports. */
  readonly ports: PortNumbers | undefined
}

/** Opens the session of a definition file, or shares the one that this process has. @throws as `openSession` */
export async function acquireSession(
  { path, ports = {} }: Shareable,
  load: () => Promise<ClusterDefinition>,
  life: SessionLife,
): Promise<SessionShare> {
  const key = JSON.stringify([path, ...Object.entries(ports).sort()])
  let shared = sessions.get(key)
  if (!shared) {
    const options = {
      baseDirectory: dirname(path),
      config: path,
      keepLogs: life.keepLogs,
      purpose: 'test',
      onTree: treeProgress(process.stderr),
    } as const
    const definition = load()
    const session = openInternal(definition, options).catch(async (error) => {
      await life.failed(error)
      throw error
    })
    shared = { definition, session: session.then(life.opened), life, users: 0 }
    sessions.set(key, shared)
  }
  const { definition, session } = shared
  shared.users++
  try {
    const { plan } = await session
    return {
      plan,
      variables: async () => {
        const { variables } = await sessionValues(plan, await definition)
        return { ...variables, [SESSION_VARIABLE]: plan.id }
      },
      release: () => release(key),
    }
  } catch (error) {
    sessions.delete(key)
    throw error
  }
}

/** Notifies the sessions of this process that the tests of a run have ended. Called by a reporter of Vitest. */
export async function runEnded(): Promise<void> {
  for (const { session, life } of sessions.values()) {
    const opened = await session.catch(() => undefined)
    if (opened) await life.runEnded(opened)
  }
}

async function release(key: string): Promise<void> {
  const shared = sessions.get(key)
  if (!shared || --shared.users > 0) return
  sessions.delete(key)
  await shared.life.finish(await shared.session)
}
