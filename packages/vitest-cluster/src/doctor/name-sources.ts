import type { ClusterDefinition } from '../definition/cluster.ts'
import { isSource } from '../definition/nsswitch.ts'
import type { Packages } from '../machine/tools.ts'
import { own } from '../own.ts'
import { packagesOf } from './service-programs.ts'

/** A source of nsswitch.conf(5) that a definition names. The C library skips it if its library is missing. */
export interface NameSource {
  readonly source: string
  readonly database: string
  readonly library: string
  /** The services that answer for it; none for a source that only the cluster names. */
  readonly services: readonly string[]
  readonly packages: Packages
}

/** Sources that the C library has itself. */
const BUILT_IN = ['files', 'dns']
/** Databases of the C library. Other programs read lines of their own, such as `sudoers`, and need no library. */
const DATABASES = [
  ...['aliases', 'ethers', 'group', 'gshadow', 'hosts', 'initgroups', 'netgroup', 'networks'],
  ...['passwd', 'protocols', 'publickey', 'rpc', 'services', 'shadow'],
]

/** The packages of sources. Others are in a package named as on Debian: `libnss-SOURCE`. */
const PACKAGES: Readonly<Record<string, Packages>> = {
  ldap: { debian: 'libnss-ldapd', fedora: 'nss-pam-ldapd', arch: 'nss-pam-ldapd' },
  sss: { debian: 'libnss-sss', fedora: 'sssd-client', arch: 'sssd' },
  systemd: { debian: 'libnss-systemd', fedora: 'systemd-libs', arch: 'systemd-libs' },
  winbind: { debian: 'libnss-winbind', fedora: 'samba-winbind-clients', arch: 'samba' },
}

/** The sources that a definition and its services name, each once. Pure. */
export function nameSources({ services, names }: ClusterDefinition): NameSource[] {
  const found = new Map<string, NameSource>()
  const given = [
    ...Object.entries(services).map(([name, { nsswitch = {} }]) => [[name], nsswitch] as const),
    [[], names?.nsswitch ?? {}] as const,
  ]
  for (const [of, nsswitch] of given) {
    for (const [database, words] of Object.entries(nsswitch)) {
      for (const source of DATABASES.includes(database) ? words : []) {
        if (!isSource(source) || BUILT_IN.includes(source)) continue
        const known = found.get(source)
        found.set(source, {
          ...{ source, database: known?.database ?? database },
          library: `libnss_${source}.so.2`,
          services: [...new Set([...(known?.services ?? []), ...of])],
          packages: own(PACKAGES, source) ?? packagesOf({ name: `libnss-${source}` }),
        })
      }
    }
  }
  return [...found.values()]
}
