import { lstatSync, readdirSync, readlinkSync } from 'node:fs'
import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ClusterError } from '../errors.ts'
import {
  copyRelease,
  copyScripts,
  type EtcOptions,
  etcFiles,
  makeDirectories,
  makeHomes,
} from './ground.ts'
import { hasInside } from './inside.ts'
import { type Mount, mount, type Tree } from './session-tree.ts'

export interface RootedTreeOptions extends EtcOptions {
  /** The session's own directories. */
  readonly root: string
  /** A directory for the session's own files of /etc. */
  readonly etc: string
  /** The tree's files, as this process sees them. */
  readonly files: string
  /** The same, as the session's manager sees them. */
  readonly source: string
  /** Whether the manager's are written to: they are then in memory, and the session's alone. */
  readonly writable: boolean
  /** Further paths of the host to show, where the tree has none of that name. */
  readonly hostPaths: readonly string[]
}

/** What is the session's own in every tree, and may have children of the tree's. */
const OWN = ['home', 'media', 'mnt', 'root', 'run', 'srv', 'tmp']
/** What the kernel shows. */
const KERNEL = ['dev', 'proc', 'sys']
/** What programs write to below /var in the usual course of things. */
const OWN_VAR = ['cache', 'log', 'tmp']

/**
 * A session's root file system on a tree of its own: read-only, but for the session's small directories. Nothing of it
 * is copied. Takes some milliseconds.
 * @throws ClusterError `INVALID_DEFINITION` where a path of the host has no place in it, or a service's is taken
 */
export async function rootedTree(options: RootedTreeOptions): Promise<Tree> {
  const { root, etc, files, source, writable, accounts, hostNames } = options
  const mounts: Mount[] = []
  const links: [target: string, path: string][] = []
  const show = (path: string) => {
    if (hostNames.some((name) => path === `srv/${name}`)) throw inTheWay(path)
    const stat = lstatSync(join(files, path))
    if (stat.isSymbolicLink()) links.push([readlinkSync(join(files, path)), path])
    else if (stat.isDirectory() || stat.isFile())
      mounts.push({ source: join(source, path), target: `/${path}`, writable })
  }
  const own = [...OWN, ...(writable ? [] : OWN_VAR.map((name) => `var/${name}`))]
  for (const name of readdirSync(files)) {
    if (KERNEL.includes(name)) continue
    if (OWN.includes(name)) continue
    if (name === 'var' && !writable) continue
    // An empty directory may as well be the session's: what it shows of the host has a place there
    if (isEmpty(join(files, name))) own.push(name)
    else show(name)
  }
  const parts = [...OWN, ...(writable ? [] : ['var', ...OWN_VAR.map((name) => `var/${name}`)])]
  for (const part of parts) {
    if (part === 'run' || part.endsWith('tmp')) continue
    for (const name of children(join(files, part))) {
      const path = `${part}/${name}`
      if (own.includes(path)) continue
      // Programs write into directories of these that their packages made
      if (!part.startsWith('var/')) show(path)
      else if (lstatSync(join(files, path)).isDirectory()) own.push(path)
    }
  }
  await makeDirectories(root, [...KERNEL, ...own, 'var'])
  await Promise.all([
    mkdir(etc, { mode: 0o755 }),
    ...links.map(([target, path]) => symlink(target, join(root, path))),
    copyScripts(root),
    copyRelease(files, root),
    makeHomes(
      root,
      accounts,
      (home) => OWN.includes(home.split('/')[1] ?? '') && !hasInside(files, home),
    ),
  ])
  mounts.push(...(await ownEtc(options)), ...hostMounts(options, own))
  return { root, mounts: mounts.toSorted((a, b) => (a.target < b.target ? -1 : 1)) }
}

/** The session's own files over those that the tree has. @returns their mounts */
async function ownEtc({ etc, files, ...options }: RootedTreeOptions): Promise<Mount[]> {
  const mounts: Mount[] = []
  for (const [name, text] of Object.entries(etcFiles(options))) {
    const there = lstatSync(join(files, 'etc', name), { throwIfNoEntry: false })
    // A read-only tree has no place for what it has not
    if (!there?.isFile()) continue
    await writeFile(join(etc, name), text, { mode: 0o644 })
    mounts.push(mount(join(etc, name), `/etc/${name}`))
  }
  return mounts
}

function hostMounts({ files, hostPaths }: RootedTreeOptions, own: readonly string[]): Mount[] {
  return hostPaths.flatMap((path) => {
    if (hasInside(files, path) || !lstatSync(path, { throwIfNoEntry: false })) return []
    const first = path.split('/')[1] ?? ''
    if (own.includes(first) || !hasInside(files, first)) return [mount(path, path)]
    throw new ClusterError({
      code: 'INVALID_DEFINITION',
      message: `the host's ${path} cannot be shown: the tree has no such path to show it on`,
      mend: `Make the directory in a layer: files({ '${path}/.keep': '' }), or copy it: files({ '${path}': { from: '${path}' } }).`,
    })
  })
}

function inTheWay(path: string): ClusterError {
  return new ClusterError({
    code: 'INVALID_DEFINITION',
    service: path.slice('srv/'.length),
    message: `the tree has files of its own in /${path}, which is the service's directory`,
    mend: 'Give the service another name, or the files another path.',
  })
}

function children(path: string): string[] {
  try {
    return readdirSync(path)
  } catch {
    // none, or closed to whoever opens the session
    return []
  }
}

function isEmpty(path: string): boolean {
  const stat = lstatSync(path)
  return stat.isDirectory() && children(path).length === 0 && (stat.mode & 0o500) === 0o500
}
