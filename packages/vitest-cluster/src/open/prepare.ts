import { chmod, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import type { Services } from '../definition/cluster.ts'
import type { Values } from '../definition/service.ts'
import { makeDirectory, makePath, writeWithMode } from '../disk/modes.ts'
import type { Isolation } from '../isolation/isolation.ts'
import type { Owner } from '../machine/owner.ts'
import {
  hostDirectory,
  initialFacts,
  type SessionFacts,
  serviceContext,
  serviceDirectory,
} from '../plan/context.ts'
import type { UnitSurroundings } from '../plan/sandbox.ts'
import { type ReservedPort, reservePort } from '../ports/reserve.ts'
import type { Accounts } from '../root/accounts.ts'
import { hostTree } from '../root/host.ts'
import { rootedTree } from '../root/on-tree.ts'
import { inOrder, kept, type Tree } from '../root/plan.ts'
import { writeFiles } from '../apply/files.ts'
import type { Layout } from '../plan/paths.ts'
import { copyStates, type MissingState } from '../apply/states.ts'
import type { SessionPrograms } from './programs.ts'
import { settled } from '../settled.ts'
import { builtTrees, type SessionTree, type SessionTrees, treeOf } from './trees.ts'

/** What is known of a session once it has its directory. */
export interface Groundwork {
  readonly services: Services
  readonly layout: Layout
  readonly isolation: Isolation
  readonly network: 'host' | 'private'
  /** The host's resolv.conf(5), where the cluster looks names up as the host does. */
  readonly resolver: string | undefined
  /** Who on the host owns the tree. */
  readonly owner: Owner
  readonly accounts: Accounts
  readonly trees: SessionTrees
  /** Whether the session has a manager of its own, which shows the tree where its uids may reach it. */
  readonly ownManager: boolean
  readonly baseDirectory: string
  /** Told of each service that is ready. */
  readonly onReady?: ((service: string) => void) | undefined
}

/** The ports of a session by `SERVICE.PORT`. */
export type Ports = Map<string, ReservedPort>

/** Makes the tree, with each service's directory and as much of its state as there are templates for. */
export async function makeTree(ground: Groundwork): Promise<{
  readonly tree: Tree
  /** Those of services that have one of their own. */
  readonly own: Readonly<Record<string, Tree>>
  readonly missing: readonly MissingState[]
}> {
  const { services, baseDirectory, owner, isolation } = ground
  const { root, roots, logs, output, shm } = ground.layout
  const tree = await sessionRoot(ground)
  const own = await ownRoots(ground)
  const directoryOf = (name: string) => join(root, serviceDirectory(name))
  await Promise.all([
    makeDirectory(logs, 0o755),
    makeDirectory(output, 0o755),
    makeDirectory(shm, 0o1777),
    ...Object.keys(services).map((name) => mkdir(directoryOf(name))),
    isolation.inside && writeMounts(ground.layout, tree),
  ])
  const digestOf = (name: string) => treeOf(ground.trees, name).built?.digest
  const missing = await copyStates(services, { baseDirectory, digestOf }, directoryOf)
  // A copied template brings a mode of its own. Others' eyes are kept out above the tree, other accounts by file modes
  await Promise.all(Object.keys(services).map((name) => chmod(directoryOf(name), 0o755)))
  const given = Object.keys(own).length > 0 ? [root, roots, logs, output] : [root, logs, output]
  await give(given, owner)
  return { tree, own, missing }
}

/** The session's root file system, on the host's programs or on a tree. */
async function sessionRoot(ground: Groundwork): Promise<Tree> {
  const { root, etc } = ground.layout
  const { main } = ground.trees
  return main.built ? rooted(ground, main, root, etc) : hostTree({ root, ...shared(ground) })
}

/** As {@link sessionRoot}, for services with a tree of their own. All see the same `/srv`. */
async function ownRoots(ground: Groundwork): Promise<Record<string, Tree>> {
  const { layout, trees, services } = ground
  const srv = kept(layout.root, ['srv', ...Object.keys(services).map(serviceDirectory)])
  const targets = new Set(srv.map(({ target }) => target))
  const entries = await Promise.all(
    Object.entries(trees.own).map(async ([name, own]) => {
      const root = join(layout.roots, name, 'root')
      await makePath(root, 0o755)
      const tree = await rooted(ground, own, root, join(layout.roots, name, 'etc'))
      const mounts = [...srv, ...tree.mounts.filter(({ target }) => !targets.has(target))]
      return [name, { ...tree, mounts: inOrder(mounts) }] as const
    }),
  )
  return Object.fromEntries(entries)
}

function rooted(ground: Groundwork, tree: SessionTree, root: string, etc: string): Promise<Tree> {
  const { layout, trees, ownManager } = ground
  const number = builtTrees(trees).findIndex(({ path }) => path === tree.path)
  const source = ownManager ? join(layout.tree, `${number}`) : tree.path
  const { path, writable } = tree
  return rootedTree({ ...shared(ground), root, etc, files: path, source, writable })
}

function shared({ services, accounts, resolver }: Groundwork) {
  const definitions = Object.values(services)
  const hostPaths = [...new Set(definitions.flatMap((service) => service.hostPaths ?? []))]
  return { accounts, hostPaths, hostNames: Object.keys(services), resolver }
}

/** What units of services with a tree of their own have instead of the others'. */
export function withPrograms(
  trees: Readonly<Record<string, Tree>>,
  programs: SessionPrograms['own'],
): UnitSurroundings['own'] {
  return Object.fromEntries(
    Object.entries(trees).map(([name, tree]) => [name, { tree, programs: programs[name] ?? {} }]),
  )
}

/** Says what the session's manager is to show in a tree that it stands in. */
async function writeMounts({ mounts }: Layout, tree: Tree): Promise<void> {
  const lines = tree.mounts.map(
    ({ source, target, writable }) => `${writable ? 'rw' : 'ro'}\n${source}\n${target}\n`,
  )
  await writeWithMode(mounts, lines.join(''), 0o644)
}

/** Makes each service's values of this session. */
export async function makeValues({
  services,
  layout,
}: Groundwork): Promise<Record<string, Values>> {
  const entries = await settled(
    Object.entries(services).map(async ([name, service]) => {
      const clientDirectory = join(layout.client, name)
      await mkdir(clientDirectory, { mode: 0o700 })
      return [name, (await service.values?.({ name, clientDirectory })) ?? {}] as const
    }),
  )
  return Object.fromEntries(entries)
}

/** Reserves a port for each that a service names. What was reserved is in `ports` even when it rejects. */
export async function reservePorts(services: Services, ports: Ports): Promise<void> {
  for (const [name, service] of Object.entries(services)) {
    for (const port of service.ports ?? []) ports.set(`${name}.${port}`, await reservePort())
  }
}

/** Says which ports are to be forwarded, where the session has a network of its own. */
export async function writeForward({ network, layout }: Groundwork, ports: Ports): Promise<void> {
  if (network === 'host') return
  const lines = [...ports.values()].map(({ number }) => `${number}\n`)
  await writeWithMode(layout.forward, lines.join(''), 0o644)
}

/** All that is known of the services before they start. */
export function sessionFacts(
  { services, layout, owner, isolation, baseDirectory, trees }: Groundwork,
  ports: Ports,
  values: Readonly<Record<string, Values>>,
): SessionFacts {
  const facts = Object.entries(services).map(([name, definition]) => {
    const numbers = (definition.ports ?? []).map((port: string) => [
      port,
      ports.get(`${name}.${port}`)?.number ?? 0,
    ])
    return [
      name,
      {
        ...initialFacts(definition),
        treePath: treeOf(trees, name).path,
        values: values[name] ?? {},
        ports: Object.fromEntries(numbers),
      },
    ] as const
  })
  const { id, directory, root, client } = layout
  const { uids } = isolation
  return {
    ...{ id, directory, root, client, ...owner, uids, baseDirectory },
    services: Object.fromEntries(facts),
  }
}

/** Writes the files of every service, and of its clients. */
export async function writeServiceFiles(services: Services, facts: SessionFacts): Promise<void> {
  const session = facts.directory
  await settled(
    Object.entries(services).map(async ([name, service]) => {
      const context = serviceContext(facts, name)
      const [files, clientFiles] = await settled([
        service.files?.(context),
        service.clientFiles?.(context),
      ])
      await settled([
        writeFiles(hostDirectory(facts, name), files ?? {}, {
          session,
          service: name,
          owner: facts,
        }),
        writeFiles(context.clientDirectory, clientFiles ?? {}, { session, service: name }),
      ])
    }),
  )
}

/** Under root's private manager the services have a uid of their own, and must own what they write to. */
async function give(paths: readonly string[], owner: Owner): Promise<void> {
  if (process.getuid?.() === owner.uid) return
  await execa('chown', ['-R', '--no-dereference', `${owner.uid}:${owner.gid}`, ...paths])
}
