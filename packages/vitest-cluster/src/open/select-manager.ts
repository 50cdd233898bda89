import { join } from 'node:path'
import { exists, insideTree } from '../machine/system.ts'
import { haveTools, KEEPER, PRIVATE } from '../machine/tools.ts'
import { managerSocket, runtimeDirectory, wantedManager } from '../machine/wanted.ts'
import { busAddress } from '../systemd/address.ts'
import { isDelegated, ownCgroup } from '../systemd/cgroup.ts'
import { Manager } from '../systemd/manager.ts'

/** Which manager a session's units run under, and as whom. */
export type ManagerChoice =
  | { readonly kind: 'user'; readonly address: string }
  /** @param cgroup the caller's, in which the session's is made */
  | { readonly kind: 'private'; readonly cgroup: string }

/** The same, with what has to be asked of the user's own manager. */
export type FoundManager =
  | (Extract<ManagerChoice, { readonly kind: 'user' }> & {
      readonly manager: Manager
      /** Its control group, from the root of those that it sees. */
      readonly group: string
      /** The names of its variables. */
      readonly variables: readonly string[]
    })
  | Extract<ManagerChoice, { readonly kind: 'private' }>

/** Connects to the user's own manager, if that is the choice. @throws ClusterError `BUS_LOST`, `BUS_TIMEOUT` */
export async function findManager(choice: ManagerChoice): Promise<FoundManager> {
  if (choice.kind === 'private') return choice
  const manager = await Manager.connect(choice.address)
  try {
    const [group, variables] = await Promise.all([manager.ownGroup(), manager.environment()])
    return { ...choice, manager, group, variables }
  } catch (error) {
    manager.disconnect()
    throw error
  }
}

/**
 * Chooses the manager: the user's own where it runs, else a private one.
 * Root always gets a private one, so that no service runs as root (owner.ts).
 * For an ordinary user `VITEST_CLUSTER_MANAGER=private` or `user` in the environment decides otherwise.
 * @throws ClusterError `NO_MANAGER` with what is missing and the command that fixes it
 */
export async function selectManager(env = process.env): Promise<ManagerChoice> {
  const uid = process.getuid?.() ?? 0
  const [wanted, nested] = await Promise.all([wantedManager(env, uid), insideTree()])
  const choice = wanted === 'user' ? await own(env, uid) : await ofItsOwn(env)
  // One inside another would have its groups and its end in common with a service that knows nothing of it
  if (choice && !nested) return choice
  // A quick look is enough where all is well; what exactly is missing takes a longer one
  const { noManager } = await import('../doctor/explain.ts')
  throw await noManager(env)
}

async function own(env: NodeJS.ProcessEnv, uid: number): Promise<ManagerChoice | undefined> {
  const runtime = runtimeDirectory(env, uid)
  const bus = join(runtime, 'bus')
  const sockets = await Promise.all([exists(managerSocket(runtime)), exists(bus)])
  if (sockets.includes(false) || !(await haveTools(KEEPER, env))) return undefined
  return { kind: 'user', address: busAddress(bus) }
}

async function ofItsOwn(env: NodeJS.ProcessEnv): Promise<ManagerChoice | undefined> {
  const cgroup = await ownCgroup()
  if (!cgroup || !(await isDelegated(cgroup))) return undefined
  if (!(await haveTools([...KEEPER, ...PRIVATE], env))) return undefined
  return { kind: 'private', cgroup }
}
