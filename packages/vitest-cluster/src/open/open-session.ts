import type { ClusterDefinition, Services } from '../definition/cluster.ts'
import { forSession, withPorts } from '../definition/define.ts'
import { checkOptionNames } from '../definition/options.ts'
import type { OpenOptions, Session } from './public-session.ts'
import type { OpenDetails, OpenedSession } from './session.ts'

const OPTIONS = ['ports', 'baseDirectory', 'keepLogs', 'onReady']

/**
 * Starts a cluster and resolves when all of its services are ready. The definition may be a promise: the manager starts
 * meanwhile.
 * When it rejects, nothing of the session is left. A session does not keep the process alive: a program that has nothing
 * else to do exits, and the session ends with it.
 * @throws ClusterError; docs/troubleshooting.md has every code
 */
export function openSession<S extends Services, Host extends string = string>(
  definition: ClusterDefinition<S, Host> | Promise<ClusterDefinition<S, Host>>,
  options: OpenOptions<NoInfer<S>> = {},
): Promise<Session<S, Host>> {
  checkOptionNames('openSession', options, OPTIONS)
  const { ports, ...others } = options
  const what = 'openSession: ports'
  const cluster = Promise.resolve(definition).then((each) => withPorts(each, ports, { what }))
  return openInternal(cluster, others)
}

/** The same for the plugin and the command line, which need more of a session than users do. */
export async function openInternal<S extends Services, Host extends string = string>(
  definition: ClusterDefinition<S, Host> | Promise<ClusterDefinition<S, Host>>,
  options: OpenDetails = {},
): Promise<OpenedSession<S, Host>> {
  // A definition that fails before open() awaits it must not become an unhandled rejection
  const cluster = Promise.resolve(definition).then(forSession)
  cluster.catch(() => {})
  // Loaded when called: every test file imports definitions, but few open a session
  const { open } = await import('./attempts.ts').catch(async (error: unknown) => {
    const { withShortage } = await import('../shortage/explain.ts')
    throw withShortage(error)
  })
  return open(cluster, options)
}
