import { chmod, copyFile } from 'node:fs/promises'
import { join } from 'node:path'
import { HeldDirectory } from '../disk/held-directory.ts'
import { resolveInside } from '../disk/inside.ts'
import { makeDirectory, makePath } from '../disk/modes.ts'
import { libexec, TREE_LIBEXEC } from '../libexec.ts'
import { own } from '../own.ts'
import type { EtcOptions } from './etc.ts'
import { kept, type Mount } from './plan.ts'

const SCRIPTS = ['ready-listening.sh', 'ready-log.sh', 'ready-exec.sh', 'ended.sh', 'own.sh']

/** Modes other than 0755. */
const MODES: Readonly<Record<string, number>> = { tmp: 0o1777, 'var/tmp': 0o1777, root: 0o700 }

/** Makes a session's own directories of a tree. */
export async function makeDirectories(root: string, paths: readonly string[]): Promise<void> {
  for (const path of paths) await makePath(join(root, path), 0o755)
  await Promise.all(
    paths.flatMap((path) => {
      const mode = own(MODES, path)
      return mode === undefined ? [] : [chmod(join(root, path), mode)]
    }),
  )
}

/**
 * Makes the home directories of accounts, where they are in what is the session's own.
 * @returns their paths in the tree, relative to its root
 */
export async function makeHomes(
  root: string,
  { accounts, hostNames }: EtcOptions,
  isOwn: (home: string) => boolean = () => true,
): Promise<string[]> {
  const homes = new Set(Object.values(accounts.users).map(({ home }) => home))
  const held = await HeldDirectory.open(root)
  const paths: string[] = []
  for (const home of homes) {
    if (home === '/nonexistent' || !isOwn(home)) continue
    // Links of the tree lead to places in it: followed by the host's root they would lead out of the session
    const path = resolveInside(root, home)
    // A service's own directory is made with its state
    if (!path || hostNames.some((name) => path === `srv/${name}`)) continue
    const made = await held.below(path, { mode: 0o755 })
    await made.close()
    paths.push(path)
  }
  await held.close()
  return paths
}

/**
 * What no program of a session may remove: its own directories, its services' and its accounts' homes. Where accounts are
 * users of their own, what is above these is root's, and nothing has to be done.
 */
export function keptDirectories(
  root: string,
  own: readonly string[],
  homes: readonly string[],
  { accounts, hostNames }: EtcOptions,
): Mount[] {
  if (accounts.uids === 'many') return []
  const services = hostNames.map((name) => `srv/${name}`)
  // A unit's /run is a mount in any case
  const below = homes.filter((home) => !home.startsWith('run/'))
  return kept(root, [...new Set([...own, ...services, ...below])])
}

/** Copies the scripts that units run beside services into the tree. */
export async function copyScripts(root: string): Promise<void> {
  const directory = join(root, TREE_LIBEXEC)
  await makeDirectory(directory, 0o755)
  await Promise.all(
    SCRIPTS.map(async (name) => {
      await copyFile(libexec(name), join(directory, name))
      await chmod(join(directory, name), 0o755)
    }),
  )
}

/**
 * os-release(5), without which systemd-nspawn(1) boots nothing. A copy in the session's own directories, for it looks
 * before it mounts.
 */
export async function copyRelease(tree: string, root: string): Promise<void> {
  const from = resolveInside(tree, 'etc/os-release')
  if (from === undefined) return
  await makePath(join(root, 'etc'), 0o755)
  await copyFile(join(tree, from), join(root, 'etc/os-release')).catch(() => {})
}
