import {
  access,
  chmod,
  constants,
  copyFile,
  lstat,
  mkdir,
  readlink,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { join } from 'node:path'
import { libexec } from '../libexec.ts'
import { type Accounts, group, passwd } from './accounts.ts'

/** What a unit needs to run in a tree. */
export interface Tree {
  /** The unit's `RootDirectory=`. */
  readonly root: string
  /** Paths of the host shown read-only in the tree, at the same place. */
  readonly hostPaths: readonly string[]
}

export interface HostTreeOptions {
  readonly root: string
  /** Names that resolve to 127.0.0.1: the services'. */
  readonly hostNames: readonly string[]
  readonly accounts: Accounts
  /** Further paths of the host to show. */
  readonly hostPaths: readonly string[]
}

/** Where the tree keeps the scripts that units run in it. */
export const TREE_LIBEXEC = '/etc/vitest-cluster'
const SCRIPTS = ['ready-listening.sh', 'ready-log.sh', 'ready-exec.sh', 'own.sh']

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
  for (const directory of DIRECTORIES)
    await mkdir(join(root, directory), { recursive: true, mode: 0o755 })
  await Promise.all([
    chmod(join(root, 'tmp'), 0o1777),
    chmod(join(root, 'var/tmp'), 0o1777),
    chmod(join(root, 'root'), 0o700),
  ])
  const [top, etc] = await Promise.all([linkTop(root), existing(ETC.map((name) => `/etc/${name}`))])
  const extra = await existing(options.hostPaths)
  await Promise.all([writeEtc(options), copyScripts(root), copyRelease(root)])
  return { root, hostPaths: ['/usr', ...top, ...etc, ...extra] }
}

const TREE_PATH = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin']

/** Finds a program in the directories, the tree's PATH by default. Undefined where none has one of this name. */
export async function findProgram(
  name: string,
  directories: readonly string[] = TREE_PATH,
): Promise<string | undefined> {
  const paths = name.includes('/') ? [name] : directories.map((directory) => `${directory}/${name}`)
  for (const path of paths) {
    if (
      await access(path, constants.X_OK).then(
        () => true,
        () => false,
      )
    )
      return path
  }
  return undefined
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

async function writeEtc({ root, hostNames, accounts }: HostTreeOptions): Promise<void> {
  const etc = (name: string, text: string) =>
    writeFile(join(root, 'etc', name), text, { mode: 0o644 })
  await Promise.all([
    etc('passwd', passwd(accounts)),
    etc('group', group(accounts)),
    etc('hosts', `127.0.0.1 localhost ${hostNames.join(' ').toLowerCase()}\n::1 localhost\n`),
    etc(
      'nsswitch.conf',
      'passwd: files systemd\ngroup: files\nshadow: files\nhosts: files\nservices: files\nprotocols: files\n',
    ),
    etc('shells', '/bin/sh\n/bin/bash\n'),
    etc('hostname', 'vitest-cluster\n'),
    etc('machine-id', ''),
  ])
  const homes = Object.values(accounts.users).map(({ home }) => home)
  for (const home of new Set(homes))
    if (home !== '/nonexistent') await mkdir(join(root, home), { recursive: true, mode: 0o755 })
}

/** os-release(5): systemd-nspawn(1) boots nothing without. A copy, for the link's target is bound in only later. */
async function copyRelease(root: string): Promise<void> {
  await copyFile('/etc/os-release', join(root, 'etc/os-release')).catch(() => {})
}

async function copyScripts(root: string): Promise<void> {
  const directory = join(root, TREE_LIBEXEC)
  await mkdir(directory, { mode: 0o755 })
  await Promise.all(
    SCRIPTS.map(async (name) => {
      await copyFile(libexec(name), join(directory, name))
      await chmod(join(directory, name), 0o755)
    }),
  )
}
