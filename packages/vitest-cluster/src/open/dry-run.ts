import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import tmp from 'tmp-promise'
import type { ClusterDefinition } from '../definition/cluster.ts'
import { forSession } from '../definition/define.ts'
import { startOrder } from '../definition/order.ts'
import type { Files, ServiceDefinition } from '../definition/service.ts'
import { chooseIsolation } from '../isolation/choose.ts'
import { serviceContext } from '../plan/context.ts'
import { planUnit } from '../plan/unit.ts'
import type { TypedValue } from '../systemd/properties.ts'
import { assignIds } from '../root/accounts.ts'
import { readResolver } from '../root/etc.ts'
import { layout } from '../plan/paths.ts'
import {
  makeTree,
  makeValues,
  type Ports,
  reservePorts,
  sessionFacts,
  withPrograms,
} from './prepare.ts'
import { findPrograms } from './programs.ts'
import { accountsOf, builtTrees, findTrees } from './trees.ts'

/** What a session would make of one service. Plain data. */
export interface PlannedService {
  readonly service: string
  readonly kind: string
  readonly unit: string
  /** Services that are up before it starts. */
  readonly after: readonly string[]
  readonly ports: Readonly<Record<string, number>>
  readonly files: readonly {
    readonly path: string
    readonly mode: string
    readonly bytes: number
  }[]
  /** The unit's properties, as text. */
  readonly properties: readonly (readonly [name: string, value: string])[]
}

/** The id of a session that never is: paths and names in the plan have it. */
const ID = '00000000'

/**
 * The services in the order in which they start, with units, files and ports, by the code that opens sessions.
 * Nothing is started; the directory that values and trees are made in is removed again.
 * @throws ClusterError as `openSession` does for a definition that is wrong
 */
export async function planSession(
  definition: ClusterDefinition,
  baseDirectory: string,
): Promise<PlannedService[]> {
  const cluster = forSession(definition)
  const { services, network = 'host', dns } = cluster
  const resolver = dns === 'host' ? await readResolver() : undefined
  const [trees, isolation] = await Promise.all([
    findTrees(cluster, baseDirectory),
    chooseIsolation(cluster),
  ])
  const programs = await findPrograms(services, trees)
  const { path, cleanup } = await tmp.dir({ unsafeCleanup: true, mode: 0o700, prefix: 'vc-plan' })
  const ports: Ports = new Map()
  try {
    const paths = layout(path, ID)
    for (const directory of [paths.root, paths.client])
      await mkdir(directory, { recursive: true, mode: 0o755 })
    const owner = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 }
    const accounts = assignIds(services, isolation.uids, owner, accountsOf(trees))
    const ground = {
      ...{ services, layout: paths, isolation, network, resolver },
      ...{ owner, accounts, baseDirectory, trees, ownManager: true },
    }
    const [made, values] = await Promise.all([
      makeTree(ground),
      makeValues(ground),
      reservePorts(services, ports),
    ])
    const facts = sessionFacts(ground, ports, values)
    const { logs, output, shm } = paths
    const surroundings = {
      ...{ id: ID, isolation: isolation.name, tree: made.tree, accounts },
      ...{ logs, output, shm, ownManager: true, inherited: [], programs: programs.main },
      own: withPrograms(made.own, programs.own),
    }
    return await Promise.all(
      startOrder(services).map(async (service) => {
        const definition = services[service] as ServiceDefinition
        const context = serviceContext(facts, service)
        const { unit, properties } = planUnit(definition, context, surroundings)
        const files = filesOf(context.directory, (await definition.files?.(context)) ?? {})
        return {
          service,
          kind: definition.kind,
          unit,
          after: definition.dependsOn ?? [],
          ports: facts.services[service]?.ports ?? {},
          files,
          properties: properties.map(([name, value]) => [name, textOf(value)] as const),
        }
      }),
    )
  } finally {
    for (const port of ports.values()) port.release()
    await cleanup()
    for (const { built } of builtTrees(trees)) await built?.release()
  }
}

function filesOf(directory: string, files: Files) {
  return Object.entries(files).map(([name, file]) => {
    const { content, mode } = typeof file === 'string' ? { content: file, mode: 0o600 } : file
    const bytes = Buffer.byteLength(content)
    return { path: join(directory, name), mode: mode.toString(8).padStart(4, '0'), bytes }
  })
}

/** A property's value about as a unit file has it, for a person to read. */
function textOf({ signature, value }: TypedValue): string {
  const list = value as readonly (readonly unknown[])[]
  if (signature === 'a(ssbt)')
    return list.map(([from, to]) => (from === to ? from : `${from}:${to}`)).join(' ')
  if (signature === 'a(sasb)')
    return list.map(([, argv]) => (argv as string[]).join(' ')).join('; ')
  const flat = (part: unknown): string =>
    Array.isArray(part) ? part.map(flat).join(' ') : String(part)
  return flat(value)
}
