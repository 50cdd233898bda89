import { SessionClient } from '../client/client.ts'
import { SESSION_VARIABLE } from '../client/variables.ts'
import { chooseSession, type LiveSession, sessionOf } from '../session/find.ts'
import type { SessionRecord } from '../session/record.ts'
import { Manager } from '../systemd/manager.ts'
import { type Invocation, text } from './command.ts'
import { configPathIfAny } from './definition.ts'

/**
 * The session that a command uses: the one named by its options, else the one in `VITEST_CLUSTER_SESSION`, else the one
 * of the nearest definition. @throws ClusterError `NO_SUCH_SESSION`
 */
export function target({ options }: Invocation): Promise<LiveSession> {
  const [id, option] = [text(options, 'session'), text(options, 'config')]
  const current = process.env[SESSION_VARIABLE]
  if (id === undefined && option === undefined && current)
    return sessionOf(current, SESSION_VARIABLE)
  return chooseSession({ id, config: configPathIfAny(option), option })
}

/** Calls `work` with a client of a session, and disconnects the client. */
export async function withClient<T>(
  { plan }: SessionRecord,
  work: (client: SessionClient) => Promise<T>,
): Promise<T> {
  // Connect here: a connection that the client opens does not keep the process alive until the reply
  const client = new SessionClient(plan, { manager: await Manager.connect(plan.manager.address) })
  try {
    return await work(client)
  } finally {
    await client.disconnect()
  }
}

/** Calls `work` with a connection to a session's manager, and closes it. @throws ClusterError `BUS_LOST` */
export async function withManager<T>(
  { plan }: SessionRecord,
  work: (manager: Manager) => Promise<T>,
): Promise<T> {
  const manager = await Manager.connect(plan.manager.address)
  try {
    return await work(manager)
  } finally {
    manager.disconnect()
  }
}
