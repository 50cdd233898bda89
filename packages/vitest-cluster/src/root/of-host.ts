import { lstatSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { resolveInside } from '../disk/inside.ts'
import { ClusterError } from '../errors.ts'
import { TREE_NAME } from './etc.ts'
import { type HostNames, type HostsLine, hosts, hostsLines, namesOfMachine } from './names.ts'
import { inOrder, type Mount, mount, type RootHost, type RootPlan } from './plan.ts'

/** The directory of a host's own files of /etc, in its place. */
export const ETC = 'etc-of-host'

const LOCALHOST = 'localhost'

/** A host whose own files are added to a root. */
export interface HostOptions {
  readonly name: string
  readonly address: string
  /** Absolute paths in the tree. */
  readonly directories: readonly string[]
  /** The directory of its own files on the host. */
  readonly place: string
  /** The directory of the session's own files of /etc in the root. */
  readonly etc: string
  /** The names that the session resolves. */
  readonly names: HostNames
  /** The name of this machine, which resolves to the host's address. */
  readonly machine: string
  /** Whether the session's manager copies the directories, and not the run. */
  readonly inside: boolean
  /** The files of the tree on this machine; `/` for the programs of this machine. */
  readonly tree: string
}

/** What a host adds to a root. */
export interface HostParts {
  /** All mounts of the root, with the host's. */
  readonly mounts: readonly Mount[]
  readonly directories: RootPlan['directories']
  readonly files: RootPlan['files']
  readonly host: RootHost
}

/**
 * Plans a host's own directories and its hosts(5). Reads the tree; creates nothing.
 * @throws ClusterError `INVALID_DEFINITION` if the tree has no place for a directory
 */
export function planHost(root: RootPlan, options: HostOptions): HostParts {
  const { name, place } = options
  const own = options.directories
    .filter((path) => path !== '/')
    .map((path) => ({ path, ...placeFor(path, root, options) }))
  const etc = etcOfHost(root, own.find(({ path }) => path === '/etc')?.source, options)
  const mounts = [
    ...own.map(({ path, source }) => ({ source, target: path, writable: true })),
    ...etc.mounts,
  ]
  const replaced = new Set([...mounts.map(({ target }) => target), ...etc.replaced])
  return {
    mounts: inOrder([...root.mounts.filter(({ target }) => !replaced.has(target)), ...mounts]),
    directories: [
      ...own.map(({ source }) => ({ path: source })),
      ...own.flatMap(({ point }) => (point === undefined ? [] : [{ path: point }])),
      { path: join(place, ETC) },
    ],
    files: etc.files,
    host: {
      name,
      directories: Object.fromEntries(
        own.map(({ path, source, from }) => [path, { path: source, from }]),
      ),
    },
  }
}

/** The files in the host's /etc that differ from those of the root. */
function etcOfHost(root: RootPlan, ownEtc: string | undefined, options: HostOptions) {
  const { name, place, inside, etc } = options
  const ofSession = root.files.filter(({ path }) =>
    [etc, join(root.directory, 'etc')].includes(dirname(path)),
  )
  const hasFile = (file: string) => ofSession.some(({ path }) => basename(path) === file)
  const texts = Object.entries({ hosts: hostsOf(options), hostname: `${name}\n` }).filter(
    ([file]) => hasFile(file),
  )
  const files = (directory: string, all: readonly (readonly [string, string])[]) =>
    all.map(([file, text]) => ({ path: join(directory, file), text }))
  const isMounted = root.mounts.some(({ target }) => dirname(target) === '/etc')
  // The manager copies these into the host's own tree
  if (options.directories.includes('/') && !isMounted)
    return { mounts: [], files: files(etc, texts), replaced: [] }
  if (ownEtc === undefined || inside) {
    const directory = join(place, ETC)
    const mounts = texts.map(([file]) => mount(join(directory, file), `/etc/${file}`))
    return { mounts, files: files(directory, texts), replaced: [] }
  }
  // Real files of the host's own /etc: programs rename files over these, which they cannot do with a mount
  const all = new Map([
    ...ofSession.map(({ path, text }) => [basename(path), text] as const),
    ...texts,
  ])
  const replaced = [...all.keys()].map((file) => `/etc/${file}`)
  return { mounts: [], files: files(ownEtc, [...all]), replaced }
}

/**
 * The text of hosts(5): the first line with a name has its address, and the first name of a line is that of the address.
 * `localhost` is the host, and has no address of IPv6: `::1` belongs to all hosts, as 127.0.0.1 does.
 */
function hostsOf({ name, address, names, machine }: HostOptions): string {
  const [, services = []] = names.addresses.find(([each]) => each === address) ?? []
  const own = [name, ...services].map((each) => each.toLowerCase())
  const ofMachine = namesOfMachine(machine).filter((each) => each.toLowerCase() !== LOCALHOST)
  const others = hostsLines({ ...names, machines: [TREE_NAME] })
    .filter(([each, [first]]) => each !== address || first !== name.toLowerCase())
    .map(([each, all]): HostsLine => [each, all.filter((other) => other !== LOCALHOST)])
  return hosts([
    [address, [...new Set([...own, ...ofMachine])]],
    [address, [LOCALHOST]],
    ...others.filter(([, all]) => all.length > 0),
  ])
}

/** The host's own directory for a path of the tree, the one that it is a copy of, and where it has to be mounted. */
function placeFor(
  path: string,
  { directory, mounts, directories }: RootPlan,
  { name, place, tree }: HostOptions,
): { readonly source: string; readonly from?: string; readonly point?: string } {
  const source = join(place, 'directories', path)
  const over = covering(path, mounts)
  if (!over || over.source === join(directory, over.target)) {
    const point = join(directory, path)
    const isKnown = directories.some((each) => each.path === point)
    return { source, point, ...(isKnown && { from: point }) }
  }
  // Links are followed inside of the tree only
  const inside = resolveInside(tree, path)
  const from = inside === undefined ? undefined : join(tree, inside)
  const stat = from === undefined ? undefined : lstatSync(from, { throwIfNoEntry: false })
  if (`/${inside}` !== path || (stat && !stat.isDirectory())) throw notDirectory(name, path, from)
  if (from !== undefined && stat) return { source, from }
  if (over.writable) return { source }
  throw new ClusterError({
    code: 'INVALID_DEFINITION',
    message: `the directory ${path} of the host ${name} cannot be mounted: the tree has no ${path} to mount it on`,
    fix: `Create the directory in a layer: files({ '${path}/.keep': '' }), or give the host a directory above it.`,
  })
}

function notDirectory(name: string, path: string, from: string | undefined): ClusterError {
  return new ClusterError({
    code: 'INVALID_DEFINITION',
    message: `the host ${name} has the directory ${path}, which is a file or leads over a symbolic link in its tree: ${from}`,
    fix: 'Give a directory by its path without links.',
  })
}

/** The mount at or above a path that is the nearest. */
function covering(path: string, mounts: readonly Mount[]): Mount | undefined {
  return mounts
    .filter(({ target }) => path === target || path.startsWith(`${target}/`))
    .toSorted((a, b) => b.target.length - a.target.length)[0]
}
