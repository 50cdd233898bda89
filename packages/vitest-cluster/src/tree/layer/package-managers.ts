import { ClusterError, saysWhy } from '../../errors.ts'
import { expiredArchive } from '../build/expired.ts'
import { runFailed } from '../build/failure.ts'
import { needUids } from '../build/ids.ts'
import type { Build, Inputs, RunResult } from '../build/step.ts'

/**
 * policy-rc.d keeps invoke-rc.d(8) from starting services while a tree is built, and is removed afterwards. With Error-Mode
 * an unreachable mirror is an error; otherwise apt would install from the lists that it has.
 */
const APT = `
policy=/usr/sbin/policy-rc.d
made=
[ -e $policy ] || { made=yes; printf '#!/bin/sh\\nexit 101\\n' >$policy; chmod 755 $policy; }
status=0
{ apt-get --quiet -o APT::Update::Error-Mode=any update && apt-get --quiet install --yes --no-install-recommends "$@"; } || status=$?
[ -z "$made" ] || rm -f $policy
apt-get clean
rm -rf /var/lib/apt/lists/*
exit $status
`

/** Options of rpm(8) that list all packages. */
export const RPM_QUERY = ['--query', '--all', '--queryformat=%{NAME} %{EVR}\\n']

/** Commands that install packages, whose names are appended, and that list them: a name and a version on each line. */
const MANAGERS = {
  'apt-get': {
    install: ['sh', '-c', APT, 'sh'],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg-query's own format
    list: ['dpkg-query', '--show', '--showformat=${Package}:${Architecture} ${Version}\\n'],
  },
  dnf: {
    install: ['dnf', '--assumeyes', '--setopt=install_weak_deps=0', 'install'],
    list: ['rpm', ...RPM_QUERY],
  },
  apk: {
    install: ['apk', 'add', '--no-cache'],
    list: ['sh', '-c', "apk list --installed | sed 's/ .*//; s/-\\([0-9]\\)/ \\1/'"],
  },
} as const

const UNCHECKED =
  "- for an archive that never changes, add a layer below this one: files({ '/etc/apt/apt.conf.d/90valid': 'Acquire::Check-Valid-Until \"false\";\\n' })"

type Manager = keyof typeof MANAGERS

/** Installs packages by the tree's own package manager. @throws ClusterError `TREE_FAILED`, `ISOLATION_UNAVAILABLE` */
export async function installPackages(build: Build, packages: readonly string[]): Promise<void> {
  const manager = await managerOf(build)
  // Packages of other managers may need only one uid
  if (manager === 'apt-get') await needUids(build.uids, 'files of Debian packages')
  const result = await build.inTree([...MANAGERS[manager].install, ...packages], {
    network: true,
    env: { DEBIAN_FRONTEND: 'noninteractive' },
    onLine: build.say,
  })
  if (result.exitCode === 0) return
  const expired = expiredArchive(result, UNCHECKED)
  if (expired) throw expired
  const lines = [
    `${saysWhy(result.lines)}. Things to check:`,
    `- check the names of the packages: ${packages.join(' ')}`,
    '- add the repository that has them, and its key, to the tree in a layer below this one',
    "- check that the tree's repositories can be reached (http_proxy and https_proxy are used), and run again",
  ]
  if (build.uids === 'one')
    lines.push('- set up subordinate uids, for files of several accounts: docs/isolation.md')
  throw runFailed(manager, result, lines.join('\n'))
}

/** The packages of a tree with their versions, by the tree's package manager. */
export async function installedPackages(build: Build, manager?: Manager): Promise<Inputs> {
  const { list } = MANAGERS[manager ?? (await managerOf(build))]
  return packageList(list[0], await build.inTree(list))
}

/** Reads lines of a name and a version. @throws ClusterError `TREE_FAILED` */
export function packageList(what: string, result: RunResult): Inputs {
  if (result.exitCode !== 0) throw runFailed(what, result)
  const found: Record<string, string> = {}
  for (const line of result.stdout.split('\n').sort()) {
    const [name, version = ''] = line.split(' ')
    if (!name) continue
    const key = `package ${name}`
    // A package may be installed in several versions, or for several architectures
    found[key] = found[key] === undefined ? version : `${found[key]} ${version}`
  }
  return found
}

async function managerOf(build: Build): Promise<Manager> {
  const names = Object.keys(MANAGERS) as Manager[]
  const script = `for name in ${names.join(' ')}; do command -v $name >/dev/null && echo $name; done; true`
  const { stdout } = await build.inTree(['sh', '-c', script])
  const found = names.find((name) => stdout.split('\n').includes(name))
  if (found) return found
  throw new ClusterError({
    code: 'TREE_FAILED',
    message: 'the tree has no package manager (apt-get, dnf or apk)',
    fix: 'Install the packages in the base: debianTree({ packages: […] }) or rpmTree({ packages: […] }).',
  })
}
