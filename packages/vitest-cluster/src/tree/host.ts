import { access, lstat, readlink, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import {
  copyRelease,
  copyScripts,
  type EtcOptions,
  makeDirectories,
  makeHomes,
  writeEtc,
} from './ground.ts'
import { mount, type Tree } from './session-tree.ts'

export interface HostTreeOptions extends EtcOptions {
  readonly root: string
  /** Further paths of the host to show. */
  readonly hostPaths: readonly string[]
}

const DIRECTORIES = [
  'etc',
  'var/log',
  'var/tmp',
  'var/lib',
  'var/cache',
  'run',
  'tmp',
  'home',
  'root',
  'srv',
  'mnt',
  'opt',
  'proc',
  'sys',
  'dev',
  'usr',
]
/** On a merged-/usr host these are links into it, elsewhere directories. */
const TOP = ['bin', 'sbin', 'lib', 'lib32', 'lib64', 'libx32']
/** What programs below /usr look up in /etc and that says nothing about the host's users. */
const ETC = [
  'alternatives',
  'ld.so.cache',
  'ld.so.conf',
  'ld.so.conf.d',
  'localtime',
  'mime.types',
  'protocols',
  'services',
  'ssl/certs',
  'pki/ca-trust',
  'ssl/openssl.cnf',
  'crypto-policies',
]

/**
 * A session's root file system on the host's programs: `/usr` is the host's and read-only, everything else the
 * session's own. Nothing of the host's `/home`, `/root`, `/etc/ssh` is in it. Takes some milliseconds.
 */
export async function hostTree(options: HostTreeOptions): Promise<Tree> {
  const { root } = options
  await makeDirectories(root, DIRECTORIES)
  const [top, shown] = await Promise.all([
    linkTop(root),
    existing(ETC.map((name) => `/etc/${name}`)),
  ])
  const extra = await existing(options.hostPaths)
  const etc = join(root, 'etc')
  await Promise.all([
    writeEtc(etc, options),
    makeHomes(root, options),
    copyScripts(root),
    copyRelease('/', root),
  ])
  return { root, mounts: ['/usr', ...top, ...shown, ...extra].map((path) => mount(path, path)) }
}

/** Replicates links such as `/bin -> usr/bin`; returns the real directories, which have to be bound. */
async function linkTop(root: string): Promise<string[]> {
  const directories: string[] = []
  await Promise.all(
    TOP.map(async (name) => {
      const stat = await lstat(`/${name}`).catch(() => undefined)
      if (stat?.isSymbolicLink()) await symlink(await readlink(`/${name}`), join(root, name))
      else if (stat?.isDirectory()) directories.push(`/${name}`)
    }),
  )
  await symlink('../run', join(root, 'var/run'))
  return directories
}

async function existing(paths: readonly string[]): Promise<string[]> {
  const found = await Promise.all(
    paths.map((path) =>
      access(path).then(
        () => path,
        () => undefined,
      ),
    ),
  )
  return found.filter((path) => path !== undefined)
}
