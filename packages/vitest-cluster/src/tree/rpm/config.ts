import type { RpmBase } from '../../definition/tree.ts'

/** What dnf.conf(5) says for a tree: nothing of the host's own. */
export function dnfConfig(directory: string): string {
  return ini('main', {
    reposdir: `${directory}/repositories`,
    // Inside of the tree, see libexec/tree/installroot.sh
    cachedir: '/run/dnf/cache',
    logdir: '/run/dnf/log',
    persistdir: '/var/lib/dnf',
    assumeyes: 1,
    best: 1,
    install_weak_deps: 0,
    plugins: 0,
    skip_if_unavailable: 0,
    // A tree is made while somebody waits: a server that says nothing is none
    timeout: 20,
    retries: 3,
  })
}

/**
 * The repositories, as dnf reads them.
 * @param keyOf where the key of the one with that id is
 */
export function repositoryConfig(
  { repositories }: Pick<RpmBase, 'repositories'>,
  keyOf: (id: string, key: string) => string,
): string {
  return repositories
    .map(({ id, url, key }) =>
      ini(id, {
        name: id,
        baseurl: url,
        gpgcheck: key === undefined ? 0 : 1,
        ...(key !== undefined && { gpgkey: keyOf(id, key) }),
      }),
    )
    .join('\n')
}

/** What rpm(8) reads in the home directory; Debian's keeps its database there, too. */
export const RPM_MACROS = `%_dbpath /var/lib/rpm
# The namespace's root does not own these
%_netsharedpath /proc:/sys
`

function ini(section: string, values: Readonly<Record<string, string | number>>): string {
  const lines = Object.entries(values).map(([name, value]) => `${name}=${value}\n`)
  return `[${section}]\n${lines.join('')}`
}
