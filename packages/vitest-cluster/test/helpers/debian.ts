import { chmod, cp, mkdir, mkdtemp, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { takeLock } from '../../src/tree/cache/lock.ts'
import { TreeStore } from '../../src/tree/cache/store.ts'
import { archiveTree, debianTree, type Tree } from '../../src/tree/define.ts'
import { buildTree } from '../../src/tree/make/build.ts'
import { removeAsCleaner } from './temporary.ts'
import { Cache } from './trees.ts'

/** Packages that Ansible's modules need, a systemd, and a service. */
const PACKAGES = ['python3', 'python3-apt', 'passwd', 'systemd', 'dbus', 'cron']

/**
 * A tar file of a Debian with these packages, for a machine without a network:
 * `mmdebstrap --variant=apt --include=python3,… trixie debian.tar`.
 */
const FILE = process.env['VITEST_CLUSTER_TEST_DEBIAN']

/** The Debian on which tests build their layers. */
export const DEBIAN: Tree = FILE
  ? archiveTree(FILE)
  : debianTree({ suite: 'trixie', packages: PACKAGES })

// Not in the user's cache, which may be on an overlay: no layer can be made there
const SHARED = `/var/tmp/vitest-cluster-tests-${process.getuid?.()}`

/** How long it is kept, in milliseconds: systemd-tmpfiles(8) removes files from there after 30 days. */
const KEPT = 10 * 86_400_000

/** The address of a Debian mirror from this machine's apt: the part before `/debian`. */
async function upstream(): Promise<string | undefined> {
  const argv = ['update', '--print-uris']
  const { stdout } = await execa('apt-get', argv, { reject: false, env: { LC_ALL: 'C' } })
  return /^'(https?:\/\/\S+)\/debian\/dists\//m.exec(`${stdout}`)?.[1]
}

/** A host whose name can be looked up: that of Debian's mirror, if it can be reached. */
export async function reachedHost(): Promise<string | undefined> {
  const debian = await upstream()
  if (debian === undefined) return undefined
  const argument = { method: 'HEAD', signal: AbortSignal.timeout(10_000) }
  return fetch(`${debian}/debian/dists/trixie/InRelease`, argument).then(
    ({ ok }) => (ok ? new URL(debian).hostname : undefined),
    () => undefined,
  )
}

/** A cache that has {@link DEBIAN} already. */
export interface DebianCache extends Cache {
  /** The key of that tree. */
  readonly debian: string
  close(): Promise<void>
}

/**
 * A separate cache for a test file with the shared Debian in it, as links to the same files, just as a layer links to
 * the tree below. So mmdebstrap(1) runs once for all test files, and not at all in the next run. Undefined if it would
 * have to run and cannot. The caller closes it.
 */
export async function openDebianCache(): Promise<DebianCache | undefined> {
  await mkdir(SHARED, { recursive: true, mode: 0o700 })
  // Fails if the directory belongs to another user
  await chmod(SHARED, 0o700)
  const lock = await takeLock(join(SHARED, 'lock'), () => {})
  try {
    await removeDead()
    const shared = new TreeStore(join(SHARED, 'cache/trees'))
    const known = await shared.entries()
    const old = known.some(({ made }) => made < Date.now() - KEPT)
    if (old) await removeAsCleaner(shared.directory)
    const there = FILE !== undefined || (!old && known.length > 0)
    if (!there && (await reachedHost()) === undefined) return undefined
    const { key: debian = '', release } = await buildTree(DEBIAN, { store: shared })
    // A Debian of other packages, or from another file
    for (const key of await shared.keys())
      if (key !== debian) await removeAsCleaner(shared.entryDirectory(key))
    const directory = await mkdtemp(join(SHARED, `${process.pid}.`))
    const cache = new Cache(directory)
    cache.store.prepare()
    await link(shared.entryDirectory(debian), cache.store.entryDirectory(debian))
    const resolved = 'resolved'
    await cp(join(shared.directory, resolved), join(cache.store.directory, resolved), {
      recursive: true,
    })
    await release()
    return Object.assign(cache, { debian, close: () => removeAsCleaner(directory) })
  } finally {
    lock.release()
  }
}

/** Some files belong to subordinate uids: only these may link them. */
async function link(from: string, to: string): Promise<void> {
  const root = process.getuid?.() === 0
  const enter = root ? [] : ['unshare', '--user', '--map-auto', '--map-root-user']
  await execa('env', [...enter, 'cp', '--archive', '--link', from, to])
}

/** Removes the caches of test files whose process has been killed. */
async function removeDead(): Promise<void> {
  const alive = new Set(await readdir('/proc'))
  for (const name of await readdir(SHARED)) {
    const pid = /^(\d+)\./.exec(name)?.[1]
    if (pid !== undefined && !alive.has(pid)) await removeAsCleaner(join(SHARED, name))
  }
}
