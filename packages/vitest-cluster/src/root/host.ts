import { access, copyFile, lstat, readlink, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { makeDirectory } from '../disk/modes.ts'
import { errnoOf } from '../errors.ts'
import { copyRelease, copyScripts, keptDirectories, makeDirectories, makeHomes } from './make.ts'
import { type EtcOptions, writeEtc } from './etc.ts'
import { inOrder, mount, type Tree } from './plan.ts'

export interface HostTreeOptions extends EtcOptions {
  readonly root: string
  /** Further paths of the host to show. */
  readonly hostPaths: readonly string[]
}

const OWN = [
  'etc',
  'var',
  'var/log',
  'var/tmp',
  'var/lib',
  'var/cache',
  'tmp',
  'home',
  'root',
  'srv',
  'mnt',
  'opt',
]
/** Where the host's directories are mounted, and those of the unit's own. */
const PLACES = ['run', 'proc', 'sys', 'dev', 'usr']
/** On a merged-/usr host these are links into it, elsewhere directories. */
const TOP = ['bin', 'sbin', 'lib', 'lib32', 'lib64', 'libx32']
/** What programs below /usr look up in /etc and that says nothing about the host's users. */
const ETC = ['alternatives', 'ld.so.conf.d', 'ssl/certs', 'pki/ca-trust', 'crypto-policies']
/** Small files of the same kind. One copy for all units costs less than a mount in each. */
const ETC_FILES = [
  'ld.so.cache',
  'ld.so.conf',
  'localtime',
  'mime.types',
  'protocols',
  'services',
  'ssl/openssl.cnf',
]

/**
 * A session's root file system on the host's programs: `/usr` is the host's and read-only, everything else the
 * session's own. Nothing of the host's `/home`, `/root`, `/etc/ssh` is in it. Takes some milliseconds.
 */
export async function hostTree(options: HostTreeOptions): Promise<Tree> {
  const { root } = options
  await makeDirectories(root, [...OWN, ...PLACES])
  const [top, shown] = await Promise.all([
    linkTop(root),
    existing(ETC.map((name) => `/etc/${name}`)),
  ])
  const extra = await existing(options.hostPaths)
  const etc = join(root, 'etc')
  const [homes] = await Promise.all([
    makeHomes(root, options),
    writeEtc(etc, options, { shells: '/bin/sh\n/bin/bash\n' }),
    copyEtc(etc),
    copyScripts(root),
    copyRelease('/', root),
  ])
  const mounts = [
    ...['/usr', ...top, ...shown, ...extra].map((path) => mount(path, path)),
    ...keptDirectories(root, OWN, homes, options),
  ]
  return { root, mounts: inOrder(mounts) }
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

async function copyEtc(etc: string): Promise<void> {
  await makeDirectory(join(etc, 'ssl'), 0o755)
  await Promise.all(
    ETC_FILES.map((name) =>
      copyFile(join('/etc', name), join(etc, name)).catch((error: unknown) => {
        // Who opens the session may not read it: then its services may not, either
        if (!['ENOENT', 'EACCES'].includes(errnoOf(error) ?? '')) throw error
      }),
    ),
  )
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
