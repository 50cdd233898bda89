import { watch } from 'node:fs'
import { lstat } from 'node:fs/promises'
import { ClusterError } from '../errors.ts'
import { libexec } from '../libexec.ts'
import { sliceName, unitName } from '../plan/names.ts'
import { Manager } from '../systemd/manager.ts'
import { boolean, exec, milliseconds, string, strings } from '../systemd/properties.ts'
import { isFull, type Keeper, managerLog } from './keeper.ts'
import type { ManagerChoice } from './select-manager.ts'

export interface ConnectedManager {
  readonly manager: Manager
  /** Names of variables that the manager would hand to services. */
  readonly inherited: readonly string[]
}

/** Milliseconds for a private manager's bus to appear; it takes about 40. */
const PRIVATE_DEADLINE = 15_000

/** Connects to the session's manager and gives it the lease. @throws ClusterError `NO_MANAGER`, `MANAGER_LOST` */
export async function connectManager(
  choice: ManagerChoice,
  keeper: Keeper,
): Promise<ConnectedManager> {
  if (choice.kind === 'private') {
    await busSocket(keeper)
    const manager = await Manager.connect(`unix:path=${keeper.layout.busSocket}`)
    return { manager, inherited: await manager.environment() }
  }
  const manager = await Manager.connect(choice.address)
  try {
    const [inherited] = await Promise.all([manager.environment(), leaseUnits(manager, keeper)])
    return { manager, inherited }
  } catch (error) {
    manager.disconnect()
    throw error
  }
}

/** The unit that ends when the run does, under the user's own manager. With `_`: no service has such a name. */
function leaseUnit(id: string): string {
  return unitName(id, '_lease')
}

function directoryUnit(id: string): string {
  return unitName(id, '_directory')
}

/** Waits until the user's own manager has ended a session's units. */
export async function leaseEnded(manager: Manager, id: string): Promise<void> {
  await Promise.all([leaseUnit(id), directoryUnit(id)].map((unit) => manager.stop(unit)))
}

/**
 * Under the user's own manager the session must end even if the keeper is killed together with the run (a CI
 * agent that ends the job's control group). So a unit reads the lease too, and the slice is bound to it:
 * `BindsTo=` with `After=`; `PartOf=` or `Requires=` would leave the services (docs/teardown.md).
 */
async function leaseUnits(manager: Manager, { layout }: Keeper): Promise<void> {
  const lease = leaseUnit(layout.id)
  const directory = directoryUnit(layout.id)
  const slice = sliceName(layout.id)
  const bound = [strings('BindsTo', [lease]), string('CollectMode', 'inactive-or-failed')]
  const start = async (unit: string, properties: Parameters<Manager['startTransient']>[1]) => {
    const result = await manager.startTransient(unit, properties)
    if (result === 'done') return
    throw new ClusterError({
      code: 'NO_MANAGER',
      unit,
      message: `your systemd cannot run the session's own units: the job ended with '${result}'`,
      mend: `systemctl --user status ${unit}`,
    })
  }
  await start(lease, [
    string('Description', `Lease of vitest-cluster session ${layout.id}`),
    string('Type', 'exec'),
    exec('ExecStart', ['/bin/sh', libexec('lease.sh'), layout.lease]),
    // What still runs when the lease is lost is killed: nothing that it could save outlives the session
    exec('ExecStopPost', ['/bin/sh', libexec('kill-slice.sh'), slice]),
    milliseconds('TimeoutStartUSec', 5_000),
    string('CollectMode', 'inactive-or-failed'),
  ])
  await start(directory, [
    string('Description', `Directory of vitest-cluster session ${layout.id}`),
    string('Type', 'oneshot'),
    boolean('RemainAfterExit', true),
    exec('ExecStart', ['/bin/true']),
    exec('ExecStop', ['/bin/sh', libexec('remove-session.sh'), layout.directory]),
    strings('After', [lease]),
    ...bound,
  ])
  await start(slice, [
    string('Description', `vitest-cluster session ${layout.id}`),
    strings('After', [lease, directory]),
    ...bound,
  ])
}

/** Resolves when the private manager's bus can be connected to: the kernel tells of its socket (inotify(7)). */
async function busSocket(keeper: Keeper): Promise<void> {
  const { busListens, cluster } = keeper.layout
  const appeared = Promise.withResolvers<void>()
  const look = () =>
    lstat(busListens).then(
      () => appeared.resolve(),
      () => {},
    )
  const watcher = watch(cluster, () => void look())
  watcher.on('error', appeared.reject)
  const timer = setTimeout(
    () => appeared.reject(new Error(`no bus after ${PRIVATE_DEADLINE} ms`)),
    PRIVATE_DEADLINE,
  )
  void look()
  try {
    await Promise.race([
      appeared.promise,
      keeper.managerEnded.then((status) => {
        throw new Error(`it ended with ${status}`)
      }),
    ])
  } catch (cause) {
    throw await privateFailure(keeper, cause)
  } finally {
    clearTimeout(timer)
    watcher.close()
  }
}

async function privateFailure(keeper: Keeper, cause: unknown): Promise<ClusterError> {
  const log = await managerLog(keeper.layout)
  // Before the disk: unshare(2) says "No space left" as well, where there may be no more namespaces
  const { noNamespaces } = await import('../doctor/explain.ts')
  const lack = await noNamespaces()
  const full =
    !lack && (/No space left/.test(log.join('\n')) || (await isFull(keeper.layout.directory)))
  const why = cause instanceof Error ? cause.message : String(cause)
  return new ClusterError(
    {
      code: full ? 'DISK_FULL' : 'NO_MANAGER',
      message: `the private systemd manager did not start: ${lack ? `${lack.found} (${why})` : why}`,
      mend: lack?.mend ?? 'Its last lines say why.',
      log,
    },
    { cause },
  )
}
