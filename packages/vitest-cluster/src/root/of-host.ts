import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { ClusterError } from '../errors.ts'
import { hostsFile, type NamedAddress } from './etc.ts'
import { inOrder, type Mount, mount, type RootHost, type RootPlan } from './plan.ts'

/** A host whose own files are added to a root. */
export interface HostOptions {
  readonly name: string
  readonly address: string
  /** Absolute paths in the tree. */
  readonly directories: readonly string[]
  /** The directory of its own files on the host. */
  readonly place: string
  /** Names and addresses of all hosts and services. */
  readonly names: readonly NamedAddress[]
  /** The name of this machine, which resolves to the host's address. */
  readonly machine: string
  /** A path as the host sees it, of a path as the session's manager sees it. */
  onHost(path: string): string
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
  const { name, address, place, names, machine } = options
  const etc = join(place, 'etc-of-host')
  const own = options.directories
    .filter((path) => path !== '/')
    .map((path) => ({ path, ...placeFor(path, root, options) }))
  // The first line with a name has its address, and the first name of a line is that of the address
  const [others, line] = [false, true].map((own) =>
    names.filter((each) => (each.address === address) === own),
  )
  const ownNames = new Set([name, ...(line ?? []).flatMap((each) => each.names), machine])
  const lines = [{ address, names: [...ownNames] }, ...(others ?? [])]
  const shown = Object.entries({ hosts: hostsFile(lines), hostname: `${name}\n` }).filter(
    ([file]) => hasFile(root, file),
  )
  const mounts = [
    ...own.map(({ path, source }) => ({ source, target: path, writable: true })),
    ...shown.map(([file]) => mount(join(etc, file), `/etc/${file}`)),
  ]
  const targets = new Set(mounts.map(({ target }) => target))
  const directories = Object.fromEntries(
    own.map(({ path, source, from }) => [path, { path: source, from }]),
  )
  return {
    mounts: inOrder([...root.mounts.filter(({ target }) => !targets.has(target)), ...mounts]),
    directories: [
      ...own.map(({ source }) => ({ path: source })),
      ...own.flatMap(({ point }) => (point === undefined ? [] : [{ path: point }])),
      { path: etc },
    ],
    files: shown.map(([file, text]) => ({ path: join(etc, file), text })),
    host: { name, directories },
  }
}

/** Whether the root has such a file of the session in its /etc. */
function hasFile({ directory, mounts, files }: RootPlan, name: string): boolean {
  return (
    mounts.some(({ target }) => target === `/etc/${name}`) ||
    files.some(({ path }) => path === join(directory, 'etc', name))
  )
}

/** The host's own directory for a path of the tree, the one that it is a copy of, and where it has to be mounted. */
function placeFor(
  path: string,
  { directory, mounts, directories }: RootPlan,
  { place, onHost }: HostOptions,
): { readonly source: string; readonly from?: string; readonly point?: string } {
  const source = join(place, 'directories', path)
  const over = covering(path, mounts)
  if (!over || over.source === join(directory, over.target)) {
    const point = join(directory, path)
    const isKnown = directories.some((each) => each.path === point)
    return { source, point, ...(isKnown && { from: point }) }
  }
  const from = onHost(join(over.source, path.slice(over.target.length)))
  if (existsSync(from)) return { source, from }
  if (over.writable) return { source }
  throw new ClusterError({
    code: 'INVALID_DEFINITION',
    message: `the host's directory ${path} cannot be mounted: the tree has no ${path} to mount it on`,
    fix: `Create the directory in a layer: files({ '${path}/.keep': '' }), or give the host a directory above it.`,
  })
}

/** The mount at or above a path that is the nearest. */
function covering(path: string, mounts: readonly Mount[]): Mount | undefined {
  return mounts
    .filter(({ target }) => path === target || path.startsWith(`${target}/`))
    .toSorted((a, b) => b.target.length - a.target.length)[0]
}
