import { existsSync, lstatSync } from 'node:fs'
import { chmod, cp, mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { execa } from 'execa'
import { makeDirectory, makePath, writeWithMode } from '../disk/modes.ts'
import { TREE_CONTROL, TREE_LOGS, TREE_OUTPUT, TREE_ROOTS } from '../isolation/confine.ts'
import { ISOLATIONS } from '../isolation/isolation.ts'
import type { Owner } from '../machine/owner.ts'
import { hostDirectory } from '../plan/context.ts'
import { hasOwnTree } from '../plan/own-roots.ts'
import type { ServiceRoot, SessionPlan } from '../plan/session-plan.ts'
import { makeRoot } from '../root/make.ts'
import { ETC } from '../root/of-host.ts'
import { inOrder } from '../root/plan.ts'
import { settled } from '../settled.ts'

/** Makes a session's root file systems and directories, and the files that a manager inside a tree reads. */
export async function makeRoots(plan: SessionPlan): Promise<void> {
  const { paths, roots, services, network } = plan
  const names = Object.keys(services)
  await Promise.all([
    makeRoot(roots.main)
      .then(() => Promise.all(names.map((name) => makePath(hostDirectory(plan, name), 0o755))))
      // Mount points of the others are below the main root
      .then(() =>
        Promise.all(Object.entries(roots.own).map(([name, root]) => makeOwnRoot(name, root, plan))),
      ),
    ...names.map((name) => mkdir(join(paths.client, name), { mode: 0o700 })),
    makeDirectory(paths.logs, 0o755),
    makeDirectory(paths.output, 0o755),
    makeDirectory(paths.shm, 0o1777),
    ISOLATIONS[plan.isolation].inside && writeMounts(plan),
    network === 'private' && writeForward(plan),
  ])
}

/** Makes the root of a host, or of a service with its own tree. */
async function makeOwnRoot(
  name: string,
  root: ServiceRoot,
  { isolation, paths }: SessionPlan,
): Promise<void> {
  await makeRoot(root)
  if (ISOLATIONS[isolation].inside) {
    // Other roots show this directory, which only libexec/make-root.sh needs. It copies with owners: here they would be lost
    await chmod(join(paths.roots, name), 0o700)
    return
  }
  for (const { path, from } of Object.values(root.host?.directories ?? {})) {
    const isKept = (file: string) => {
      const stat = lstatSync(file)
      return stat.isDirectory() || stat.isFile() || stat.isSymbolicLink()
    }
    // The host's own files in it are not replaced
    const options = { recursive: true, verbatimSymlinks: true, force: false, filter: isKept }
    if (from !== undefined && existsSync(from)) await cp(from, path, options)
  }
}

/** Gives the directories to the owner of the session's root: under root's private manager the services' uid. */
export async function giveRoots({
  paths,
  roots,
  services,
  owner,
  ...plan
}: SessionPlan): Promise<void> {
  // A copied template has a mode of its own. Directories above the tree keep other users out, modes of files other accounts
  await settled(
    Object.keys(services).map((name) => chmod(hostDirectory({ paths, ...plan }, name), 0o755)),
  )
  const hasOwn = Object.keys(roots.own).length > 0
  const etc = Object.values(plan.trees).some((tree) => tree.etc === paths.etc) ? [paths.etc] : []
  const others = hasOwn ? [paths.roots] : []
  await give(owner, [paths.root, paths.logs, paths.output, ...etc, ...others])
}

/** Gives directories and their contents to the owner of the session's root. @param cwd base of relative paths */
export async function give(owner: Owner, given: readonly string[], cwd = '/'): Promise<void> {
  if (process.getuid?.() === owner.uid) return
  const argv = ['-R', '--no-dereference', `${owner.uid}:${owner.gid}`, ...given]
  await execa('chown', argv, { cwd })
}

/** Writes the list of mounts for a manager inside a tree. */
async function writeMounts(plan: SessionPlan): Promise<void> {
  const { paths, roots } = plan
  const own = [
    { source: paths.logs, target: TREE_LOGS, writable: true },
    { source: paths.output, target: TREE_OUTPUT, writable: true },
    // The manager's socket for the run, seen from outside
    { source: paths.control, target: TREE_CONTROL, writable: true },
  ]
  const others = Object.entries(roots.own).flatMap(([name, root]) => {
    const place = `${TREE_ROOTS}/${name}`
    const directory = { source: join(paths.roots, name), target: place, writable: true }
    if (!hasOwnTree(root, plan)) return [directory]
    // The host's own directories are mounted in the root's namespace
    const ofHost = Object.values(root.host?.directories ?? {}).map(({ path }) => path)
    const below = root.mounts
      .filter(({ source }) => !ofHost.includes(source) && !isOfHost(source, paths.roots, name))
      .map((mount) => ({ ...mount, target: `${place}/root${mount.target}` }))
    return [directory, ...below]
  })
  const lines = inOrder([...roots.main.mounts, ...own, ...others]).map(
    ({ source, target, writable }) => `${writable ? 'rw' : 'ro'}\n${source}\n${target}\n`,
  )
  await writeWithMode(paths.mounts, lines.join(''), 0o644)
}

function isOfHost(source: string, roots: string, name: string): boolean {
  return dirname(source) === join(roots, name, ETC)
}

/** Writes the list of ports to forward into the session's own network. */
async function writeForward({ paths, services }: SessionPlan): Promise<void> {
  const ports = Object.values(services).flatMap(({ ports }) => Object.values(ports))
  await writeWithMode(paths.forward, ports.map((port) => `${port}\n`).join(''), 0o644)
}
