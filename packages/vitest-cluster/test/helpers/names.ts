import { chmod, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { makeDirectory, writeWithMode } from '../../src/disk/modes.ts'
import { started } from './child.ts'
import type { Case, Found } from './looks-up.ts'
import { inSituation } from './situation.ts'
import { temporaryDirectory } from './temporary.ts'
import { busyboxTree } from './trees.ts'

/** The host's resolv.conf. */
export const RESOLVER =
  'nameserver 127.0.0.1\nsearch made.example\noptions ndots:1 timeout:1 attempts:1\n'
/** The host's file if it is the link of systemd-resolved. */
const HOST = `printf '${RESOLVER.replaceAll('\n', '\\n')}' >"$1/stub"; chmod 644 "$1/stub"; ln -s stub "$1/link"`
const SHOWN = 'mount --bind "$1/link" "$(realpath -m /etc/resolv.conf)"'

/** Names that only the server of looks-up.ts knows, in full and by the search list; and a service. */
export const LOOKS = 'getent hosts alice.made.example bob; getent hosts one'
export const BY_SERVER = '192.0.2.7       alice.made.example\n192.0.2.7       bob.made.example\n'
export const BY_FILES = '127.0.0.1       localhost one\n'

/**
 * Opens sessions in a separate network with the name server of looks-up.ts. For root.
 * @param before other changes of the machine, see {@link inSituation}
 */
export async function lookUp(cases: readonly Case[], before = SHOWN): Promise<Found[]> {
  const directory = await temporaryDirectory()
  await chmod(directory, 0o755)
  const [command = '', ...argv] = inSituation(
    {
      before: `${HOST}; ${before}`,
      with: directory,
      through: ['unshare', '--net', 'sh', '-c', 'ip link set lo up && exec "$@"', 'sh'],
      env: { TMPDIR: directory, XDG_CACHE_HOME: directory },
    },
    './looks-up.ts',
    JSON.stringify(cases),
  )
  const { said, ended } = await started(command, ...argv)
  await ended
  return JSON.parse(said)
}

/** What a service and a program of `exec` both wrote. */
export const both = (text: string) => ({ service: text, exec: text })

/** Forms of a tree's /etc/resolv.conf. */
export const TREES = {
  file: (etc: string) => writeWithMode(join(etc, 'resolv.conf'), 'nameserver 192.0.2.1\n', 0o644),
  nothing: async () => {},
  'a link of systemd-resolved': (etc: string) =>
    symlink('../run/systemd/resolve/stub-resolv.conf', join(etc, 'resolv.conf')),
  'a link to nothing': (etc: string) =>
    symlink('/etc/resolvconf/run/r.conf', join(etc, 'resolv.conf')),
}

/** A tree with one of these, in chroot, in which a program looks names up without nsswitch.conf. */
export async function inTree(what: keyof typeof TREES, writable = false): Promise<Case> {
  const { path } = await busyboxTree()
  await makeDirectory(join(path, 'etc/some'), 0o755)
  await writeWithMode(join(path, 'etc/some/file'), 'shown\n', 0o644)
  await TREES[what](join(path, 'etc'))
  const looks =
    'nslookup alice.made.example | grep -o "Address: 192.*"; cat /etc/resolv.conf /etc/motd /etc/some/file'
  return { dns: 'host', looks, tree: path, writable, isolation: 'chroot' }
}

export const IN_TREE = `Address: 192.0.2.7\n${RESOLVER}below\nshown\n`
