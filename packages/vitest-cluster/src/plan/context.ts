import { basename, dirname, join } from 'node:path'
import { refuseFor, shown } from '../definition/refuse.ts'
import type {
  ServiceContext,
  ServiceDefinition,
  ServiceView,
  Uids,
  Values,
} from '../definition/service.ts'
import { textProblem } from '../definition/words.ts'
import { HeldDirectory } from '../disk/held-directory.ts'
import { hasInside } from '../disk/inside.ts'
import { ClusterError, messageOf } from '../errors.ts'
import { own } from '../own.ts'

/** What is known of a session's services before they start. Plain data: it goes to workers too. */
export interface SessionFacts {
  readonly id: string
  /** The session's own, where nobody but the run can put a link. */
  readonly directory: string
  readonly root: string
  readonly client: string
  readonly baseDirectory: string
  readonly uid: number
  readonly gid: number
  readonly uids: Uids
  readonly services: Readonly<Record<string, ServiceFacts>>
}

export interface ServiceFacts {
  readonly kind: string
  readonly ports: Readonly<Record<string, number>>
  readonly values: Values
  readonly dependsOn: readonly string[]
  /** The tree's files as the host sees them: `/` where it is the host's. */
  readonly treePath: string
}

/** The service's directory in the tree. */
export function serviceDirectory(name: string): string {
  return `/srv/${name}`
}

/** The same directory as the host sees it: for the run, which gives what it writes there to the session's uid. */
export function hostDirectory({ root }: Pick<SessionFacts, 'root'>, name: string): string {
  return join(root, serviceDirectory(name))
}

/** What a definition's functions are given. Pure. */
export function serviceContext(facts: SessionFacts, name: string): ServiceContext {
  const service = factsOf(facts, name)
  return {
    name,
    ports: service.ports,
    values: service.values,
    directory: serviceDirectory(name),
    clientDirectory: join(facts.client, name),
    baseDirectory: facts.baseDirectory,
    uid: facts.uid,
    gid: facts.gid,
    uids: facts.uids,
    has: (path) => hasInside(service.treePath, checkedPath(path, name, 'has', '/etc/ldap/schema')),
    read: (path) => readOwn(facts, name, path),
    service: (other) => {
      if (!service.dependsOn.includes(other)) {
        throw new ClusterError({
          code: 'UNKNOWN_DEPENDENCY',
          service: name,
          message: `asks for '${other}' without depending on it`,
          mend: `Write dependsOn: ['${other}'] in its definition.`,
        })
      }
      return view(facts, other)
    },
  }
}

async function readOwn(facts: SessionFacts, name: string, path: string) {
  const within = checkedPath(path, name, 'read', 'host_key.pub')
  const place = hostDirectory(facts, name)
  try {
    const parent = await HeldDirectory.openBelow(facts.directory, place).then((held) =>
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
        mend: "Give a regular file's path below the service's directory, without links on its way.",
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

function view(facts: SessionFacts, name: string): ServiceView {
  const { kind, ports, values } = factsOf(facts, name)
  return { name, kind, ports, values, directory: serviceDirectory(name) }
}

function factsOf(facts: SessionFacts, name: string): ServiceFacts {
  const service = own(facts.services, name)
  if (service) return service
  throw new ClusterError({
    code: 'NO_SUCH_SERVICE',
    message: `this session has no service '${name}'`,
    mend: `Its services: ${Object.keys(facts.services).join(', ')}.`,
  })
}

/** The facts that a definition gives away by itself. */
export function initialFacts(
  definition: ServiceDefinition,
): Omit<ServiceFacts, 'ports' | 'values' | 'treePath'> {
  return { kind: definition.kind, dependsOn: definition.dependsOn ?? [] }
}
