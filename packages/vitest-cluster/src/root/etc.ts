import { lstatSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { resolveInside } from '../disk/inside.ts'
import { ClusterError, messageOf } from '../errors.ts'
import { group, passwd } from './accounts.ts'
import { mount, type WhoIsWho } from './plan.ts'

/** What the session's own files of /etc are made from. */
export interface EtcOptions extends WhoIsWho {
  /** The host's resolv.conf(5), where names are looked up as on the host; else they are looked up in files only. */
  readonly resolver?: string | undefined
}

const RESOLVER = 'resolv.conf'
/** What a session that has an /etc of its own does not show of the tree's: {@link etcFiles}, and a copy (`ground.ts`). */
export const NOT_SHOWN = [
  ...['passwd', 'group', 'hosts', 'nsswitch.conf', 'hostname', 'machine-id', 'os-release'],
  RESOLVER,
]

/** The files of /etc that are a session's own in every tree, by name. Pure. */
export function etcFiles({
  hostNames,
  accounts,
  resolver,
}: EtcOptions): Readonly<Record<string, string>> {
  const lookUp = resolver === undefined ? 'files' : 'files dns'
  return {
    passwd: passwd(accounts),
    group: group(accounts),
    hosts: `127.0.0.1 localhost ${hostNames.join(' ').toLowerCase()}\n::1 localhost\n`,
    'nsswitch.conf': `passwd: files systemd\ngroup: files\nshadow: files\nhosts: ${lookUp}\nservices: files\nprotocols: files\n`,
    hostname: 'vitest-cluster\n',
    'machine-id': '',
    ...(resolver !== undefined && { [RESOLVER]: resolver }),
  }
}

/** A tree whose /etc is shown read-only, but for files of the session's own. */
export interface ShownEtc extends EtcOptions {
  /** The tree's files, as this process sees them. */
  readonly files: string
  /** The session's own directories of the tree. */
  readonly root: string
  /** Where the session's own files are written to. */
  readonly etc: string
  /** Whether the manager's view of the tree is written to, in memory that is the session's alone: what is missing is made. */
  readonly writable: boolean
}

/**
 * Whether the tree has no place to show the host's resolv.conf at: it has no such file, or a link to nothing. Then the
 * session needs an /etc of its own, with the tree's files shown in it.
 */
export function needsOwnEtc({ files, writable, resolver }: Omit<ShownEtc, 'root' | 'etc'>) {
  return resolver !== undefined && placeOf(files, RESOLVER, writable) === undefined
}

/** The session's own files, shown over those that the tree has. */
export function showEtc({ files, root, etc, writable, ...options }: ShownEtc) {
  const shown = Object.entries(etcFiles(options)).flatMap(([name, text]) => {
    const place = placeOf(files, name, writable && name === RESOLVER)
    // A read-only tree has no place for a file that it lacks
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

/** Where a file of /etc can be shown, its links followed in the tree: at a file, or in what is the session's own. */
function placeOf(files: string, name: string, writable: boolean): string | undefined {
  const place = resolveInside(files, `etc/${name}`)
  if (place === undefined) return undefined
  // systemd-resolved's link leads there: a tree's own /run is not shown
  if (isInRun(place)) return name === RESOLVER ? place : undefined
  const isFile = lstatSync(join(files, place), { throwIfNoEntry: false })?.isFile()
  return isFile || writable ? place : undefined
}

function isInRun(place: string): boolean {
  return place.startsWith('run/')
}

/**
 * The host's resolv.conf(5) as it is now; where it is a link, what that leads to.
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
        fix: `Let ${path} name this machine's name server (resolv.conf(5)), or write dns: 'files': then only the services' own names are looked up.`,
      },
      { cause },
    )
  }
}
