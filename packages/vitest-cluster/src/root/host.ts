import { access, constants, lstat, readdir, readlink } from 'node:fs/promises'
import { join } from 'node:path'
import { type EtcOptions, etcFiles } from './etc.ts'
import {
  copiesOfScripts,
  copyOfRelease,
  homesOf,
  inOrder,
  keptDirectories,
  mount,
  ownDirectories,
  type RootPlan,
} from './plan.ts'

export interface HostRootOptions extends EtcOptions {
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
/** Mount points: of the host's directories, and of the unit's own. */
const PLACES = ['run', 'proc', 'sys', 'dev', 'usr']
/** On a host with merged /usr these are links into /usr, elsewhere directories. */
const TOP = ['bin', 'sbin', 'lib', 'lib32', 'lib64', 'libx32']
/**
 * Directories of /etc whose files belong to a library or an interpreter below /usr, and not to a service or a user:
 * programs do not work without them.
 */
const ETC = [
  ...['alternatives', 'crypto-policies', 'fonts', 'ld.so.conf.d', 'ldap/schema'],
  ...['openldap/schema', 'perl', 'pki/ca-trust', 'pki/java', 'ssl/certs', 'xml'],
]
/** The same for names with a version: java-17-openjdk, ImageMagick-6. */
const ETC_VERSIONS = /^(java|ImageMagick)(-|$)/
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
 * Plans a root file system with the host's programs: `/usr` is the host's and read-only, everything else the session's
 * own. It has nothing of the host's `/home`, `/root` or `/etc/ssh`. Reads the host; creates nothing.
 */
export async function planHostRoot(options: HostRootOptions): Promise<RootPlan> {
  const { root, hostPaths } = options
  const [top, shown, extra, copied] = await Promise.all([
    topOfHost(),
    existing([...ETC, ...(await namesOfVersions())].map((name) => `/etc/${name}`)),
    existing(hostPaths),
    // Services see only paths that the user who opens the session may read
    existing(
      ETC_FILES.map((name) => `/etc/${name}`),
      constants.R_OK,
    ),
  ])
  const links = new Map([...top.links, ['var/run', '../run']])
  const homes = homesOf(options, links)
  const etc = { ...etcFiles(options), shells: '/bin/sh\n/bin/bash\n' }
  const mounts = [
    ...[...new Set(['/usr', ...top.directories, ...shown, ...extra])].map((path) =>
      mount(path, path),
    ),
    ...keptDirectories(root, OWN, homes, options),
  ]
  return {
    directory: root,
    mounts: inOrder(mounts),
    directories: ownDirectories(root, [...OWN, ...PLACES, 'etc/ssl', ...homes]),
    links: [...links].map(([path, target]) => ({ path: join(root, path), target })),
    files: Object.entries(etc).map(([name, text]) => ({ path: join(root, 'etc', name), text })),
    copies: [
      ...copied.map((path) => ({ from: path, path: join(root, path) })),
      ...copiesOfScripts(root),
      ...copyOfRelease('/', root),
    ],
  }
}

/** Links such as `/bin -> usr/bin`, and real directories, which have to be mounted. */
async function topOfHost() {
  const found = await Promise.all(
    TOP.map(async (name) => {
      const stat = await lstat(`/${name}`).catch(() => undefined)
      if (stat?.isSymbolicLink()) return { link: [name, await readlink(`/${name}`)] as const }
      return stat?.isDirectory() ? { directory: `/${name}` } : {}
    }),
  )
  return {
    links: found.flatMap(({ link }) => (link ? [link] : [])),
    directories: found.flatMap(({ directory }) => directory ?? []),
  }
}

async function namesOfVersions(): Promise<string[]> {
  return (await readdir('/etc')).filter((name) => ETC_VERSIONS.test(name))
}

async function existing(
  paths: readonly string[],
  mode: number = constants.F_OK,
): Promise<string[]> {
  const found = await Promise.all(
    paths.map((path) =>
      access(path, mode).then(
        () => path,
        () => undefined,
      ),
    ),
  )
  return found.filter((path) => path !== undefined)
}
