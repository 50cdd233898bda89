import { lstatSync } from 'node:fs'
import { join } from 'node:path'
import { hasInside } from '../disk/inside.ts'
import { namesIn, pathOf, quoted, targetOf } from '../disk/names.ts'
import { ClusterError } from '../errors.ts'
import { etcFiles, NOT_SHOWN, needsOwnEtc, type ShownEtc, showEtc } from './etc.ts'
import {
  copiesOfScripts,
  copyOfRelease,
  homesOf,
  inOrder,
  keptDirectories,
  type Mount,
  mount,
  ownDirectories,
  type RootPlan,
} from './plan.ts'

export interface TreeRootOptions extends ShownEtc {
  /** The tree's files, as the session's manager sees them. */
  readonly source: string
  /** Further paths of the host to show, where the tree has none of that name. */
  readonly hostPaths: readonly string[]
}

/** What is the session's own in every tree, and may have children of the tree's. */
const OWN = ['home', 'media', 'mnt', 'root', 'run', 'srv', 'tmp']
/** What the kernel shows. */
const KERNEL = ['dev', 'proc', 'sys']
/** Where programs and what belongs to them are: the tree has its own. */
const OF_PROGRAMS = ['bin', 'etc', 'lib', 'lib64', 'sbin', 'usr', 'var']
/** What programs write to below /var in the usual course of things. */
const OWN_VAR = ['cache', 'log', 'tmp']

/**
 * A session's root file system on a tree of its own: read-only, but for the session's small directories. Nothing of it
 * is copied. Looks at the tree; makes nothing.
 * @throws ClusterError `INVALID_DEFINITION` where a path of the host has no place in it, or a service's is taken
 */
export function planTreeRoot(options: TreeRootOptions): RootPlan {
  const { root, etc, files, source, writable, hostNames } = options
  const hasOwnEtc = needsOwnEtc(options)
  const { own, shown, links } = divide(files, writable, hasOwnEtc)
  const taken = hostNames.find((name) => shown.includes(`srv/${name}`))
  if (taken) throw inTheWay(taken)
  const inOwn = (home: string) => OWN.includes(home.split('/')[1] ?? '') && !hasInside(files, home)
  const targets = new Map(links.map((path) => [path, targetOf(join(files, path))]))
  const homes = homesOf(options, targets, inOwn)
  const ownEtc = Object.entries(hasOwnEtc ? etcFiles(options) : {}).map(([name, text]) => ({
    path: join(root, 'etc', name),
    text,
  }))
  const etcShown = hasOwnEtc ? { mounts: [], files: [], directories: [] } : showEtc(options)
  const keep = own.filter((path) => path !== 'run')
  const mounts = [
    ...shown.map((path) => ({ source: join(source, path), target: `/${path}`, writable })),
    ...etcShown.mounts,
    ...hostMounts(options, own),
    ...keptDirectories(root, writable ? keep : ['var', ...keep], homes, options),
  ]
  return {
    directory: root,
    mounts: inOrder(mounts),
    directories: [
      ...ownDirectories(root, [...KERNEL, ...own, 'var', ...homes]),
      { path: etc },
      ...etcShown.directories,
    ],
    links: [...targets].map(([path, target]) => ({ path: join(root, path), target })),
    files: [...ownEtc, ...etcShown.files],
    copies: [...copiesOfScripts(root), ...copyOfRelease(files, root)],
  }
}

/** What of a tree is a session's own directories, what is shown from the tree, and what are links. */
interface Division {
  readonly own: readonly string[]
  readonly shown: readonly string[]
  readonly links: readonly string[]
}

function divide(files: string, writable: boolean, hasOwnEtc: boolean): Division {
  const own = new Set([...OWN, ...(writable ? [] : OWN_VAR.map((name) => `var/${name}`))])
  if (hasOwnEtc) own.add('etc')
  const shown: string[] = []
  const links: string[] = []
  const show = (path: string) => {
    const stat = lstatSync(pathOf(join(files, path)))
    if (stat.isSymbolicLink()) links.push(path)
    // An empty directory may as well be the session's: what the host shows there has a place
    else if (stat.isDirectory() && isEmpty(join(files, path))) own.add(path)
    else if (stat.isDirectory() || stat.isFile()) shown.push(mountable(path))
  }
  const below = (part: string, take: (path: string) => void) => {
    for (const name of children(join(files, part)))
      if (!own.has(`${part}/${name}`)) take(`${part}/${name}`)
  }
  for (const name of namesIn(files)) {
    const divided = name === 'var' && !writable
    if (!KERNEL.includes(name) && !own.has(name) && !divided) show(name)
  }
  for (const part of OWN) if (part !== 'run' && part !== 'tmp') below(part, show)
  if (hasOwnEtc) below('etc', (path) => NOT_SHOWN.includes(path.slice(4)) || show(path))
  if (!writable) {
    below('var', show)
    // Programs write into directories of these that their packages made
    for (const part of ['var/cache', 'var/log'])
      below(part, (path) => lstatSync(pathOf(join(files, path))).isDirectory() && own.add(path))
  }
  return { own: [...own], shown, links }
}

/**
 * What systemd mounts by its name. D-Bus takes UTF-8 alone, systemd 254 and later lose quotes between the manager and the
 * process that mounts, and lists of mounts have a line for each.
 */
function mountable(path: string): string {
  if (path.isWellFormed() && !/['"\n]/.test(path)) return path
  throw new ClusterError({
    code: 'INVALID_DEFINITION',
    message: `the tree's ${quoted(`/${path}`)} cannot be shown in a session: systemd cannot mount a path with a quote, a line end or bytes that are not UTF-8`,
    fix: 'Rename it in the tree, or put it deeper: only names right below /, /home, /media, /mnt, /root, /srv and /var are mounted one by one.',
  })
}

function hostMounts({ files, hostPaths }: TreeRootOptions, own: readonly string[]): Mount[] {
  return hostPaths.flatMap((path) => {
    if (hasInside(files, path) || !lstatSync(path, { throwIfNoEntry: false })) return []
    const first = path.split('/')[1] ?? ''
    // What the host's programs need there is nothing to the tree's
    if (OF_PROGRAMS.includes(first)) return []
    if (own.includes(first) || !hasInside(files, first)) return [mount(path, path)]
    throw new ClusterError({
      code: 'INVALID_DEFINITION',
      message: `the host's ${path} cannot be shown: the tree has no such path to mount it on`,
      fix: `Make the directory in a layer: files({ '${path}/.keep': '' }), or copy it: files({ '${path}': { from: '${path}' } }).`,
    })
  })
}

function inTheWay(service: string): ClusterError {
  return new ClusterError({
    code: 'INVALID_DEFINITION',
    service,
    message: `the tree has files of its own in /srv/${service}, which is the service's directory`,
    fix: 'Give the service another name, or the files another path.',
  })
}

function children(path: string): string[] {
  try {
    return namesIn(path)
  } catch {
    // none, or closed to whoever opens the session
    return []
  }
}

/** Whether a directory is seen to be empty: one that is closed to whoever opens the session is not. */
function isEmpty(path: string): boolean {
  try {
    return namesIn(path).length === 0
  } catch {
    return false
  }
}
