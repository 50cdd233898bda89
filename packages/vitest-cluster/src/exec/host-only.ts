import { accessSync, constants, type Stats, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { rootOf, type SessionGround } from '../plan/session-plan.ts'
import { TreeView } from './tree-view.ts'

/** An absolute path of at least two names in a text; no part of a URL, of a relative path or of a longer name. */
const PATH = /(?<![\w./~@+-])(?:\/[\w.@+~-]+){2,}/g
/** Directories in which services have their own files, and those of the kernel: the host's are of no use to them. */
const OWN = ['dev', 'proc', 'root', 'run', 'sys', 'usr', 'var']
/** Directories that a tree has itself: hostPaths shows nothing below them. */
const OF_TREE = ['bin', 'etc', 'lib', 'lib64', 'sbin']
/** Texts of a service may be long, and contain paths of all kinds. */
const LONGEST = 65_536
const MOST = 200

/**
 * How to show paths of the host that texts of a service name and that its tree does not have. Undefined if there are
 * none.
 * @param texts in the order of their weight: later ones count only if those before them name no such path
 */
export function hostOnlyFix(
  ground: Pick<SessionGround, 'roots' | 'paths'>,
  service: string,
  texts: readonly string[],
): string | undefined {
  const view = new TreeView(rootOf(ground, service))
  for (const text of texts) {
    const paths = text.slice(0, LONGEST).match(PATH) ?? []
    const names = new Set(paths.map((path) => path.replace(/\.+$/, '')))
    const others = [...names].filter((path) => !path.startsWith(ground.paths.directory))
    const fix = inHostPaths(view, others.slice(0, MOST))
    if (fix) return fix
  }
  return undefined
}

/** The same for paths. */
export function inHostPaths(view: TreeView, paths: readonly string[]): string | undefined {
  const found = new Set(paths.flatMap((path) => hostOnly(view, path) ?? []))
  if (found.size === 0) return undefined
  const list = [...found].slice(0, 5)
  const quoted = list.map((path) => `'${path}'`).join(', ')
  const them = list.length > 1 ? 'them' : 'it'
  return `This machine has ${list.join(', ')}, which its tree lacks: hostPaths: [${quoted}] in its definition shows ${them}, read-only.`
}

/** What of the host to show, so that the tree has a path; undefined if the tree has it, or the host does not. */
function hostOnly(view: TreeView, path: string): string | undefined {
  try {
    const wanted = view.resolve(path)
    const first = wanted?.split('/')[1] ?? ''
    const own = view.root.tree === '/' ? OWN : [...OWN, ...OF_TREE]
    if (wanted === undefined || own.includes(first) || view.stat(wanted)) return undefined
    if (!isPublic(wanted)) return undefined
    const parent = dirname(wanted)
    // Files of a package come together
    if (first === 'etc') return view.stat(parent) ? wanted : parent
    return first === 'opt' ? wanted.split('/').slice(0, 3).join('/') : wanted
  } catch {
    return undefined
  }
}

/** Whether the host has a path that the user who opens the session can read, and that is not closed to all but root. */
function isPublic(path: string): boolean {
  accessSync(path, constants.R_OK)
  const stat = statSync(path)
  const mayUse = ({ mode, uid }: Stats, bit: number) =>
    (mode & bit) !== 0 || (uid !== 0 && uid === process.getuid?.())
  // systemd mounts it with the services' uid
  const above = path.split('/').map((_, at, names) => names.slice(0, at).join('/') || '/')
  return (
    (stat.isFile() || stat.isDirectory()) &&
    mayUse(stat, 0o004) &&
    above.every((each) => mayUse(statSync(each), 0o001))
  )
}
