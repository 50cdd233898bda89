import { join } from 'node:path'
import { exists, insideTree } from '../machine/system.ts'
import { haveTools, KEEPER, PRIVATE } from '../machine/tools.ts'
import { managerSocket, runtimeDirectory, wantedManager } from '../machine/wanted.ts'
import { busAddress } from '../systemd/address.ts'
import { isDelegated, ownCgroup } from '../systemd/cgroup.ts'
import { Manager } from '../systemd/manager.ts'

/** The manager that a session's units run under. */
export type ManagerChoice =
  | { readonly kind: 'user'; readonly address: string }
  /** @param cgroup the caller's control group; the session's is created below it */
  | { readonly kind: 'private'; readonly cgroup: string }

/** The same, with data that the user's own manager has to be asked for. */
export type FoundManager =
  | (Extract<ManagerChoice, { readonly kind: 'user' }> & {
      readonly manager: Manager
      /** Its control group, relative to the root that the manager sees. */
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
  const choice = wanted === 'user' ? await userManager(env, uid) : await privateManager(env)
  // A nested session would share the control group and the end of the service that it was started in
  if (choice && !nested) return choice
  // To find out what exactly is missing takes longer, so this is done only now
  const { noManager } = await import('../doctor/explain.ts')
  throw await noManager(env)
}

async function userManager(
  env: NodeJS.ProcessEnv,
  uid: number,
): Promise<ManagerChoice | undefined> {
  const runtime = runtimeDirectory(env, uid)
  const bus = join(runtime, 'bus')
  const sockets = await Promise.all([exists(managerSocket(runtime)), exists(bus)])
  if (sockets.includes(false) || !(await haveTools(KEEPER, env))) return undefined
  return { kind: 'user', address: busAddress(bus) }
}

async function privateManager(env: NodeJS.ProcessEnv): Promise<ManagerChoice | undefined> {
  const cgroup = await ownCgroup()
  if (!cgroup || !(await isDelegated(cgroup))) return undefined
  if (!(await haveTools([...KEEPER, ...PRIVATE], env))) return undefined
  return { kind: 'private', cgroup }
}
