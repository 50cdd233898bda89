import { basename, dirname, join } from 'node:path'
import type { ServiceView } from '../definition/dependencies.ts'
import { meantBy } from '../definition/host.ts'
import { refuseFor, shown } from '../definition/refuse.ts'
import type { ServiceContext } from '../definition/service-context.ts'
import { thrownAt } from '../definition/thrown.ts'
import { textProblem } from '../definition/words.ts'
import { HeldDirectory } from '../disk/held-directory.ts'
import { hasInside } from '../disk/inside.ts'
import { ClusterError, messageOf } from '../errors.ts'
import { own } from '../own.ts'
import { portNumbers } from './port-numbers.ts'
import type { ServicePlan, SessionGround } from './session-plan.ts'
import { rootOf } from './session-plan.ts'

/** The data for a service's functions: the session, and the services that they ask for. */
export interface Known
  extends Pick<SessionGround, 'paths' | 'baseDirectory' | 'owner' | 'uids' | 'roots'> {
  readonly services: Readonly<Record<string, KnownService>>
}

/** The part of a service's plan that other services may read. */
export type KnownService = Pick<
  ServicePlan,
  'kind' | 'address' | 'host' | 'ports' | 'values' | 'dependsOn'
>

/** The service's directory in the tree. */
export function serviceDirectory(name: string): string {
  return `/srv/${name}`
}

/** The same directory on the host. */
export function hostDirectory({ paths }: Pick<SessionGround, 'paths'>, name: string): string {
  return join(paths.root, serviceDirectory(name))
}

/** The argument of a definition's functions. Pure. */
export function serviceContext(known: Known, name: string): ServiceContext {
  const service = knownOf(known, name)
  return {
    name,
    address: service.address,
    host: service.host,
    ports: portNumbers(name, service.ports),
    values: service.values,
    directory: serviceDirectory(name),
    clientDirectory: join(known.paths.client, name),
    baseDirectory: known.baseDirectory,
    uid: known.owner.uid,
    gid: known.owner.gid,
    uids: known.uids,
    has: (path) =>
      hasInside(rootOf(known, name).tree, checkedPath(path, name, 'has', '/etc/ldap/schema')),
    service: (asked) => {
      const other = meantBy(asked, service.host, known.services)
      if (!service.dependsOn.includes(other)) {
        throw new ClusterError({
          code: 'UNKNOWN_DEPENDENCY',
          service: name,
          message: `asks for '${other}' without depending on it`,
          at: thrownAt(new Error('asked')),
          fix: `Add dependsOn: ['${other}'] to its definition.`,
        })
      }
      return view(known, other, name)
    },
  }
}

/** `read` of a handle and a state. @throws ClusterError `UNREADABLE_FILE` */
export async function readFileOf(known: Known, name: string, path: string): Promise<string> {
  const within = checkedPath(path, name, 'read', 'host_key.pub')
  const place = hostDirectory(known, name)
  try {
    const parent = await HeldDirectory.openBelow(known.paths.directory, place).then((held) =>
      held.below(dirname(within)).finally(() => held.close()),
    )
    const file = await parent.read(basename(within)).finally(() => parent.close())
    return await file.readFile('utf8').finally(() => file.close())
  } catch (cause) {
    throw new ClusterError(
      {
        code: 'UNREADABLE_FILE',
        service: name,
        message: `its file ${shown(path)} cannot be read: ${messageOf(cause)}`,
        fix: "Pass the path of a regular file below the service's directory that leads through no symbolic link.",
      },
      { cause },
    )
  }
}

function checkedPath(
  path: unknown,
  service: string,
  method: 'has' | 'read',
  example: string,
): string {
  const problem = textProblem(path)
  if (!problem) return path as string
  const what = method === 'has' ? 'asks whether its tree has' : 'reads the file'
  return refuseFor(service)(
    `${what} ${shown(path)}, which ${problem}`,
    `Write context.${method}('${example}').`,
  )
}

function view(known: Known, name: string, reader: string): ServiceView {
  const { kind, address, host, ports, values } = knownOf(known, name)
  return {
    name,
    kind,
    address,
    host,
    ports: portNumbers(name, ports, reader),
    values,
    directory: serviceDirectory(name),
  }
}

function knownOf(known: Known, name: string): KnownService {
  const service = own(known.services, name)
  if (service) return service
  throw new ClusterError({
    code: 'NO_SUCH_SERVICE',
    message: `this session has no service '${name}'`,
    fix: `Its services: ${Object.keys(known.services).join(', ')}.`,
  })
}
