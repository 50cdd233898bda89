import { lstatSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { NameSources } from '../definition/names.ts'
import { resolveInside } from '../disk/inside.ts'
import { ClusterError, messageOf } from '../errors.ts'
import { group, passwd } from './accounts.ts'
import { type HostNames, hosts, hostsLines, nsswitch } from './names.ts'
import { mount, type WhoIsWho } from './plan.ts'

/** The data for the session's own files of /etc. */
export interface EtcOptions extends WhoIsWho, HostNames {
  /** The sources of nsswitch.conf(5). */
  readonly sources: NameSources
  /** The text of the host's resolv.conf(5), to resolve names as on the host. Undefined: names are resolved from files only. */
  readonly resolver?: string | undefined
}

/** The host name of a tree with a systemd of its own as PID 1. */
export const TREE_NAME = 'vitest-cluster'
const RESOLVER = 'resolv.conf'
/** Without these, names of services and accounts are not found. */
const NEEDED = ['passwd', 'group', 'hosts', 'nsswitch.conf']

/** The session's own files of /etc in every tree, by name. Pure. */
export function etcFiles(options: EtcOptions): Readonly<Record<string, string>> {
  const { accounts, sources, resolver } = options
  return {
    passwd: passwd(accounts),
    group: group(accounts),
    hosts: hosts(hostsLines(options)),
    'nsswitch.conf': nsswitch(sources),
    hostname: `${TREE_NAME}\n`,
    'machine-id': '',
    ...(resolver !== undefined && { [RESOLVER]: resolver }),
  }
}

/** A tree whose /etc is shown read-only, except for the session's own files. */
export interface ShownEtc extends EtcOptions {
  /** The tree's files, as this process sees them. */
  readonly files: string
  /** The session's own directories of the tree. */
  readonly root: string
  /** The directory of the session's own files. */
  readonly etc: string
  /** Whether the session may write to the tree, in its own memory: then missing files can be created. */
  readonly writable: boolean
}

/**
 * How the session's files get into a tree's /etc. `merged`: by the session's own manager, which can also create files and
 * leaves no mount points (mount-tree.sh). `mounted`: each on a file of a read-only tree. `own`: the tree has no /etc.
 */
export function etcPlace({
  files,
  writable,
  resolver,
}: Pick<ShownEtc, 'files' | 'writable' | 'resolver'>): 'merged' | 'mounted' | 'own' {
  const stat = lstatSync(join(files, 'etc'), { throwIfNoEntry: false })
  if (!stat) return writable ? 'merged' : 'own'
  // Nothing is written through a link
  if (!stat.isDirectory()) return 'mounted'
  const needed = resolver === undefined ? NEEDED : [...NEEDED, RESOLVER]
  const lacks = needed.some((name) => placeOf(files, name) === undefined)
  return writable || lacks ? 'merged' : 'mounted'
}

/** The session's own files, mounted over those of the tree. */
export function showEtc({ files, root, etc, ...options }: ShownEtc) {
  const shown = Object.entries(etcFiles(options)).flatMap(([name, text]) => {
    const place = placeOf(files, name)
    // A file that a read-only tree lacks cannot be mounted
    return place === undefined ? [] : [{ name, text, place }]
  })
  const inRun = shown.filter(({ place }) => isInRun(place))
  return {
    mounts: shown.map(({ name, place }) => mount(join(etc, name), `/${place}`)),
    directories: inRun.map(({ place }) => ({ path: dirname(join(root, place)) })),
    files: [
      ...shown.map(({ name, text }) => ({ path: join(etc, name), text })),
      ...inRun.map(({ place }) => ({ path: join(root, place), text: '' })),
    ],
  }
}

/** Where a file of /etc can be mounted, with links followed inside of the tree: on a file, or in the session's /run. */
function placeOf(files: string, name: string): string | undefined {
  const place = resolveInside(files, `etc/${name}`)
  if (place === undefined) return undefined
  // systemd-resolved's link leads there: a tree's own /run is not shown
  if (isInRun(place)) return name === RESOLVER ? place : undefined
  const isFile = lstatSync(join(files, place), { throwIfNoEntry: false })?.isFile()
  return isFile ? place : undefined
}

function isInRun(place: string): boolean {
  return place.startsWith('run/')
}

/**
 * The present text of the host's resolv.conf(5), with links followed.
 * @throws ClusterError `UNREADABLE_FILE`
 */
export async function readResolver(path = '/etc/resolv.conf'): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    throw new ClusterError(
      {
        code: 'UNREADABLE_FILE',
        message: `the cluster has dns: 'host', and this machine's ${path} cannot be read: ${messageOf(cause)}`,
        fix: `Write this machine's name server into ${path} (resolv.conf(5)), or use dns: 'files', which resolves only the names of the services.`,
      },
      { cause },
    )
  }
}
