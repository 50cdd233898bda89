import type { Services } from '../definition/cluster.ts'
import { install, mendLines } from '../doctor/mend.ts'
import { packagesOf, type ServiceProgram, servicePrograms } from '../doctor/service-programs.ts'
import { ClusterError } from '../errors.ts'
import type { Isolation } from '../isolation/isolation.ts'
import { findProgram } from '../machine/programs.ts'
import type { SessionTree, SessionTrees } from './tree.ts'

/** Absolute paths of programs by the names that definitions use. */
export type Programs = Readonly<Record<string, string>>

export interface SessionPrograms {
  readonly main: Programs
  /** Those of services that have a tree of their own. */
  readonly own: Readonly<Record<string, Programs>>
}

/**
 * Finds every program that the services name, in the tree's PATH.
 * @throws ClusterError `MISSING_PROGRAM` with the packages that have them
 */
export async function findPrograms(
  services: Services,
  { main, own }: SessionTrees,
): Promise<SessionPrograms> {
  const names = Object.keys(services)
  const of = (some: readonly string[]) =>
    Object.fromEntries(Object.entries(services).filter(([name]) => some.includes(name)))
  const inMain = await findIn(of(names.filter((name) => !Object.hasOwn(own, name))), main)
  const entries = await Promise.all(
    Object.entries(own).map(
      async ([name, tree]) => [name, await findIn(of([name]), tree)] as const,
    ),
  )
  return { main: inMain, own: Object.fromEntries(entries) }
}

/** What a manager that stands in the tree is made of there, besides a shell. */
const MANAGER = ['/usr/lib/systemd/systemd', 'systemd-stdio-bridge', 'dbus-daemon', 'setpriv']

/** Sees that a tree has what its isolation starts in it. @throws ClusterError `MISSING_PROGRAM` */
export async function checkManagerIn(
  { path, built }: SessionTree,
  { name, inside }: Isolation,
): Promise<void> {
  if (!built || !inside) return
  for (const program of MANAGER) {
    if (await findProgram(program, undefined, path)) continue
    throw new ClusterError({
      code: 'MISSING_PROGRAM',
      message: `isolation '${name}' starts a systemd in the cluster's tree, which has no ${program}`,
      mend: "In a tree of Debian or Ubuntu: packages(['systemd', 'dbus'])\nIn one of Fedora: packages(['systemd', 'dbus-daemon'])\nOr isolation: 'chroot', which needs nothing of the tree.",
    })
  }
}

async function findIn(services: Services, { path, built }: SessionTree): Promise<Programs> {
  const found: Record<string, string> = {}
  const missing: ServiceProgram[] = []
  for (const one of await servicePrograms(services, path)) {
    if (one.path) found[one.program.name] = one.path
    else missing.push(one)
  }
  if (missing.length === 0) return found
  const ofTree = missing.filter(({ program }) => built && !program.client)
  throw ofTree.length > 0 ? notInTree(ofTree) : notOnHost(missing)
}

function notOnHost(missing: readonly ServiceProgram[]): ClusterError {
  return missingPrograms(
    missing,
    'installed',
    // For every distribution: who reads it may not be on the machine that lacks them
    mendLines(install(missing.map(({ program }) => packagesOf(program)))).join('\n'),
  )
}

function notInTree(missing: readonly ServiceProgram[]): ClusterError {
  const packages = missing.map(({ program }) => packagesOf(program))
  const list = (names: readonly (string | undefined)[]) =>
    [...new Set(names)].map((name) => `'${name}'`).join(', ')
  const mend = [
    `In a tree of Debian or Ubuntu: packages([${list(packages.map(({ debian }) => debian))}])`,
    `In one of Fedora: packages([${list(packages.map(({ fedora }) => fedora))}])`,
  ]
  return missingPrograms(missing, "in the cluster's tree", mend.join('\n'))
}

function missingPrograms(
  missing: readonly ServiceProgram[],
  where: string,
  mend: string,
): ClusterError {
  const names = missing.map(({ program }) => program.name)
  return new ClusterError({
    code: 'MISSING_PROGRAM',
    service: [...new Set(missing.flatMap(({ services }) => services))].join(', '),
    message: `${names.join(', ')} ${names.length > 1 ? 'are' : 'is'} not ${where}`,
    mend,
  })
}
