import type { Services } from '../definition/cluster.ts'
import type { ServiceDefinition } from '../definition/service.ts'
import { fixLines, install } from '../doctor/fix.ts'
import { packagesOf, type ServiceProgram, servicePrograms } from '../doctor/service-programs.ts'
import { ClusterError } from '../errors.ts'
import type { Isolation } from '../isolation/isolation.ts'
import { findProgram } from '../machine/programs.ts'
import { own as ownOf } from '../own.ts'
import { type FoundTree, type FoundTrees, treeOf } from './trees.ts'

/** Absolute paths of programs by the names that definitions use. */
export type Programs = Readonly<Record<string, string>>

export interface SessionPrograms {
  readonly main: Programs
  /** The programs of services in trees of hosts and services, by the names of these. */
  readonly own: Readonly<Record<string, Programs>>
}

/**
 * Finds every program that the services name, in the tree's PATH.
 * @throws ClusterError `MISSING_PROGRAM` with the packages that have them
 */
export async function findPrograms(
  services: Services,
  trees: FoundTrees,
): Promise<SessionPrograms> {
  const { main, own } = trees
  const names = Object.keys(services)
  const of = (some: readonly string[]) =>
    Object.fromEntries(Object.entries(services).filter(([name]) => some.includes(name)))
  const rootOf = (name: string) => ownOf(trees.of, name) ?? ''
  const inMain = await findIn(of(names.filter((name) => !Object.hasOwn(own, rootOf(name)))), main)
  const entries = await Promise.all(
    Object.entries(own).map(async ([root, tree]) => {
      const inRoot = names.filter((name) => rootOf(name) === root)
      return [root, await findIn(of(inRoot), tree)] as const
    }),
  )
  return { main: inMain, own: Object.fromEntries(entries) }
}

/** Programs of the tree that a manager inside of it needs, besides a shell; systemd is in either of two places. */
const MANAGER = [
  ['/usr/lib/systemd/systemd', '/lib/systemd/systemd'],
  ['systemd-stdio-bridge'],
  ['dbus-daemon'],
  ['setpriv'],
]

/** Programs of the tree that make and enter roots of their own (libexec/make-roots.sh, in-root.sh). */
const OWN_ROOTS = [['mount'], ['nsenter'], ['unshare']]
const IN_OWN_ROOT = ['/usr/bin/setpriv', '/bin/sh']

/** Checks that a tree has the programs that its isolation starts in it. @throws ClusterError `MISSING_PROGRAM` */
export async function checkManagerIn(
  { main: { path, built }, own, of }: FoundTrees,
  { name, inside }: Isolation,
): Promise<void> {
  if (!inside) return
  for (const [root, { path: files }] of Object.entries(own)) {
    for (const program of IN_OWN_ROOT) {
      if (await findProgram(program, undefined, files)) continue
      throw new ClusterError({
        code: 'MISSING_PROGRAM',
        message: `isolation '${name}' runs ${program} in the tree of ${root}, but the tree has no ${program}`,
        fix: "Add a layer to a tree of Debian or Ubuntu: packages(['util-linux'])\nOr use isolation: 'chroot', which does not run it.",
      })
    }
  }
  if (!built) return
  const hasOwn = Object.keys({ ...own, ...of }).length > 0
  for (const names of [...MANAGER, ...(hasOwn ? OWN_ROOTS : [])]) {
    const found = await Promise.all(names.map((name) => findProgram(name, undefined, path)))
    if (found.some((each) => each !== undefined)) continue
    throw new ClusterError({
      code: 'MISSING_PROGRAM',
      message: `isolation '${name}' starts systemd in the cluster's tree, but the tree has no ${names[0]}`,
      fix: "Add a layer to a tree of Debian or Ubuntu: packages(['systemd', 'dbus'])\nTo a tree of Fedora: packages(['systemd', 'dbus-daemon'])\nOr use isolation: 'chroot', which does not run systemd in the tree.",
    })
  }
}

/** Programs that the readiness scripts of libexec/ need. The scripts run in the service's tree. */
const READINESS = {
  listening: ['sh', 'find', 'grep', 'id', 'sleep'],
  logLine: ['sh', 'grep', 'mkfifo', 'rm', 'stat', 'tail'],
  exec: ['sh', 'sleep'],
} as const
/** Programs that libexec/log-files.sh needs. */
const LOG_FILES = [
  ...['sh', 'cksum', 'dd', 'find', 'flock', 'head', 'id', 'mkfifo', 'sleep', 'stat', 'tail', 'tr'],
  'wc',
]

/** What the library runs in the tree for a service. */
interface Helper {
  readonly what: string
  readonly programs: readonly string[]
  readonly fix: string
  /** Whether a host may lack the programs, too. */
  readonly onHost?: boolean
}

function helpersOf({ ready, logFiles, syslog }: ServiceDefinition, mounts: boolean): Helper[] {
  const how = typeof ready === 'string' ? ready : (Object.keys(ready)[0] ?? '')
  const readiness = ownOf(READINESS as Readonly<Record<string, readonly string[]>>, how)
  const helpers: (Helper | undefined)[] = [
    readiness && {
      what: `the check that it is ready (${how})`,
      programs: readiness,
      fix: "Add it to the tree (a shell and coreutils, or busybox), or use ready: 'notify' or 'started', which run nothing in the tree.",
    },
    logFiles && {
      what: 'the copy of its logFiles to its log',
      programs: LOG_FILES,
      fix: "Add it to the tree (a shell, coreutils, findutils and util-linux, or a busybox that has it), or remove logFiles and read the file with exec(['cat', …]).",
    },
    syslog
      ? {
          what: 'the listener on its /dev/log (syslog: true)',
          programs: ['perl', 'sh', ...(mounts ? ['mount', 'setpriv', 'unshare'] : [])],
          fix: "Debian, Ubuntu: install perl-base, mount and util-linux, in a tree by packages(['perl-base', 'mount', 'util-linux'])\nFedora: install perl-interpreter and util-linux, in a tree by packages(['perl-interpreter', 'util-linux'])",
          onHost: true,
        }
      : undefined,
  ]
  return helpers.filter((helper) => helper !== undefined)
}

/** Checks that trees have the programs that the library's scripts run in them. @throws ClusterError `MISSING_PROGRAM` */
export async function checkHelpers(
  services: Services,
  trees: FoundTrees,
  { name, inside }: Isolation,
): Promise<void> {
  for (const [service, definition] of Object.entries(services)) {
    const { path, built } = treeOf(trees, service)
    // libexec/with-syslog.sh
    const mounts = name === 'range' || (inside && Object.hasOwn(trees.of, service))
    for (const { what, programs, fix, onHost } of helpersOf(definition, mounts)) {
      if (!built && !onHost) continue
      for (const program of programs) {
        if (await findProgram(program, undefined, path)) continue
        const where = built
          ? "the service's tree, but the tree has no"
          : 'the session, but the host has no'
        throw new ClusterError({
          code: 'MISSING_PROGRAM',
          service,
          message: `${what} runs ${program} in ${where} ${program}`,
          fix,
        })
      }
    }
  }
}

async function findIn(services: Services, { path, built }: FoundTree): Promise<Programs> {
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
    // For every distribution: the reader may be on another machine, as with an error of CI
    fixLines(install(missing.map(({ program }) => packagesOf(program)))).join('\n'),
  )
}

function notInTree(missing: readonly ServiceProgram[]): ClusterError {
  const packages = missing.map(({ program }) => packagesOf(program))
  const list = (names: readonly (string | undefined)[]) =>
    [...new Set(names)].map((name) => `'${name}'`).join(', ')
  const fix = [
    `Add a layer to a tree of Debian or Ubuntu: packages([${list(packages.map(({ debian }) => debian))}])`,
    `To a tree of Fedora: packages([${list(packages.map(({ fedora }) => fedora))}])`,
  ]
  return missingPrograms(missing, "installed in the cluster's tree", fix.join('\n'))
}

function missingPrograms(
  missing: readonly ServiceProgram[],
  where: string,
  fix: string,
): ClusterError {
  const names = missing.map(({ program }) => program.name)
  return new ClusterError({
    code: 'MISSING_PROGRAM',
    service: [...new Set(missing.flatMap(({ services }) => services))].join(', '),
    message: `${names.join(', ')} ${names.length > 1 ? 'are' : 'is'} not ${where}`,
    fix,
  })
}
