import { accessSync, constants, lstatSync } from 'node:fs'
import { join } from 'node:path'
import { hasInside } from '../disk/inside.ts'
import { namesIn, pathOf, quoted, targetOf } from '../disk/names.ts'
import { ClusterError } from '../errors.ts'
import { etcFiles, etcPlace, type ShownEtc, showEtc } from './etc.ts'
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
  /** Further paths of the host to show, if the tree does not have these paths. */
  readonly hostPaths: readonly string[]
}

/** Directories that are the session's own in every tree. The tree's children of these are shown in them. */
const OWN = ['home', 'media', 'mnt', 'root', 'run', 'srv', 'tmp']
/** File systems of the kernel. */
const KERNEL = ['dev', 'proc', 'sys']
/** Directories of programs and their files, which every tree has itself. */
const OF_PROGRAMS = ['bin', 'etc', 'lib', 'lib64', 'sbin', 'usr', 'var']
/** Directories of /var that most programs write to. */
const OWN_VAR = ['cache', 'log', 'tmp']

/**
 * Plans a root file system with a tree: read-only except for the session's own small directories. Copies nothing of the
 * tree. Reads the tree; creates nothing.
 * @throws ClusterError `INVALID_DEFINITION` if the tree has no place for a path of the host, or has a service's directory
 */
export function planTreeRoot(options: TreeRootOptions): RootPlan {
  const { root, etc, files, source, writable, hostNames } = options
  const { own, shown, points, copied, links } = divide(options)
  const taken = hostNames.find((name) => shown.includes(`srv/${name}`))
  if (taken) throw inTheWay(taken)
  const inOwn = (home: string) => OWN.includes(home.split('/')[1] ?? '') && !hasInside(files, home)
  const targets = new Map(links.map((path) => [path, targetOf(join(files, path))]))
  const homes = homesOf(options, targets, inOwn)
  const etcShown = etcOf(options)
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
      ...ownDirectories(root, [...KERNEL, ...own, ...points, 'var', ...homes]),
      { path: etc },
      ...etcShown.directories,
    ],
    links: [...targets].map(([path, target]) => ({ path: join(root, path), target })),
    files: etcShown.files,
    copies: [
      ...copiesOfScripts(root),
      ...copyOfRelease(files, root),
      ...copied.map((name) => ({ from: join(files, name), path: join(root, name) })),
    ],
  }
}

/** The session's own files of /etc, and their mounts. */
function etcOf(options: TreeRootOptions): Pick<RootPlan, 'mounts' | 'files' | 'directories'> {
  const { root, etc, source, writable } = options
  const place = etcPlace(options)
  if (place === 'mounted') return showEtc(options)
  const directory = place === 'own' ? join(root, 'etc') : etc
  const files = Object.entries(etcFiles(options))
  const shown = place === 'own' ? directory : join(source, 'etc')
  return {
    mounts: [{ source: shown, target: '/etc', writable }],
    files: files.map(([name, text]) => ({ path: join(directory, name), text })),
    directories: [{ path: directory }],
  }
}

/** The paths of a tree: the session's own directories, those that are mounted from the tree, copied files, and links. */
interface Division {
  readonly own: readonly string[]
  readonly shown: readonly string[]
  /** Those of the mounted ones that are directories: their mount points are made here, at less expense than by a program. */
  readonly points: readonly string[]
  /** Files right below the root of a writable tree: programs may move and remove them, but not mount points. */
  readonly copied: readonly string[]
  readonly links: readonly string[]
}

function divide({ files, writable, ...options }: TreeRootOptions): Division {
  const hasEtc = etcPlace({ files, writable, ...options }) === 'mounted'
  const own = new Set([...OWN, ...(writable ? [] : OWN_VAR.map((name) => `var/${name}`))])
  const shown: string[] = []
  const points: string[] = []
  const copied: string[] = []
  const links: string[] = []
  const show = (path: string) => {
    const stat = lstatSync(pathOf(join(files, path)))
    if (stat.isSymbolicLink()) links.push(path)
    else if (writable && !path.includes('/') && stat.isFile() && isReadable(join(files, path)))
      copied.push(path)
    // An empty directory becomes the session's own, so that a path of the host can be mounted in it
    else if (stat.isDirectory() && isEmpty(join(files, path))) own.add(path)
    else if (stat.isDirectory() || stat.isFile()) {
      shown.push(mountable(path))
      if (stat.isDirectory()) points.push(path)
    }
  }
  const below = (part: string, take: (path: string) => void) => {
    for (const name of children(join(files, part)))
      if (!own.has(`${part}/${name}`)) take(`${part}/${name}`)
  }
  for (const name of namesIn(files)) {
    const divided = name === 'var' && !writable
    const etc = name === 'etc' && !hasEtc
    if (!KERNEL.includes(name) && !own.has(name) && !divided && !etc) show(name)
  }
  for (const part of OWN) if (part !== 'run' && part !== 'tmp') below(part, show)
  if (!writable) {
    below('var', show)
    // Programs write to the directories that their packages create here
    for (const part of ['var/cache', 'var/log'])
      below(part, (path) => lstatSync(pathOf(join(files, path))).isDirectory() && own.add(path))
  }
  return { own: [...own], shown, points, copied, links }
}

/**
 * A path that systemd can mount. D-Bus accepts only UTF-8, systemd 254 and later lose quotes between the manager and the
 * process that mounts, and lists of mounts have a line for each.
 */
function mountable(path: string): string {
  if (path.isWellFormed() && !/['"\n]/.test(path)) return path
  throw new ClusterError({
    code: 'INVALID_DEFINITION',
    message: `the path ${quoted(`/${path}`)} of the tree cannot be mounted in a session: systemd cannot mount a path with a quote, a line end or bytes that are not UTF-8`,
    fix: 'Rename it in the tree, or move it to a deeper directory: only paths right below /, /home, /media, /mnt, /root, /srv and /var are mounted one by one.',
  })
}

function hostMounts({ files, hostPaths }: TreeRootOptions, own: readonly string[]): Mount[] {
  return hostPaths.flatMap((path) => {
    if (hasInside(files, path) || !lstatSync(path, { throwIfNoEntry: false })) return []
    const first = path.split('/')[1] ?? ''
    // Files of the host's programs are of no use to programs of the tree
    if (OF_PROGRAMS.includes(first)) return []
    if (own.includes(first) || !hasInside(files, first)) return [mount(path, path)]
    throw new ClusterError({
      code: 'INVALID_DEFINITION',
      message: `${path} of the host (hostPaths) cannot be mounted: the tree has no ${path} to mount it on`,
      fix: `Create the directory in a layer: files({ '${path}/.keep': '' }), or copy it: files({ '${path}': { from: '${path}' } }).`,
    })
  })
}

function inTheWay(service: string): ClusterError {
  return new ClusterError({
    code: 'INVALID_DEFINITION',
    service,
    message: `the tree has files in /srv/${service}, but that is the service's directory`,
    fix: 'Rename the service, or move the files of the tree to another directory.',
  })
}

function children(path: string): string[] {
  try {
    return namesIn(path)
  } catch {
    // there is no such directory, or the user who opens the session may not read it
    return []
  }
}

/** Whether the user who opens the session may read a file. */
function isReadable(path: string): boolean {
  try {
    accessSync(pathOf(path), constants.R_OK)
    return true
  } catch {
    return false
  }
}

/** Whether a directory is empty. False for one that the user who opens the session may not read. */
function isEmpty(path: string): boolean {
  try {
    return namesIn(path).length === 0
  } catch {
    return false
  }
}
