import { ClusterError } from '../../errors.ts'
import { aptProgress, debianPackages } from '../apt.ts'
import { aptFailure } from '../apt-failure.ts'
import { needUids } from '../build/need-uids.ts'
import type { Build } from '../build/step.ts'

interface PackageManager {
  install(build: Build, packages: readonly string[]): Promise<void>
  installed(build: Build): Promise<Readonly<Record<string, string>>>
}

/** The one that the tree has. @throws ClusterError `TREE_FAILED` where it has none */
export async function managerOf(build: Build): Promise<PackageManager> {
  const { stdout } = await build.inTree([
    'sh',
    '-c',
    'for name in apt-get dnf apk; do command -v $name >/dev/null && echo $name; done; true',
  ])
  const found = stdout.split('\n').find((name) => Object.hasOwn(MANAGERS, name))
  if (found) return MANAGERS[found] as PackageManager
  throw new ClusterError({
    code: 'TREE_FAILED',
    message: 'the tree has no package manager (apt-get, dnf or apk)',
    mend: 'Name the packages in the base: debianTree({ packages: […] }), rpmTree({ packages: […] }).',
  })
}

/**
 * Nothing is started while a tree is made: invoke-rc.d(8) asks policy-rc.d, which is not there any more afterwards.
 * Nor is anything installed from half of the lists: without Error-Mode a mirror that is not there would be a warning.
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

const MANAGERS: Readonly<Record<string, PackageManager>> = {
  'apt-get': {
    async install(build, packages) {
      await needUids(build.uids, 'files of Debian packages')
      const result = await build.inTree(['sh', '-c', APT, 'sh', ...packages], {
        network: true,
        env: { DEBIAN_FRONTEND: 'noninteractive' },
        onLine: aptProgress(build),
      })
      if (result.exitCode !== 0) throw aptFailure(result, {})
    },
    installed: debianPackages,
  },
  dnf: {
    install: (build, packages) =>
      run(build, ['dnf', '--assumeyes', '--setopt=install_weak_deps=0', 'install', ...packages]),
    installed: (build) => list(build, ['rpm', '-qa', '--qf', '%{NAME} %{VERSION}-%{RELEASE}\\n']),
  },
  apk: {
    install: (build, packages) => run(build, ['apk', 'add', '--no-cache', ...packages]),
    installed: (build) =>
      list(build, ['sh', '-c', "apk list --installed | sed 's/ .*//; s/-\\([0-9]\\)/ \\1/'"]),
  },
}

async function run(build: Build, argv: readonly string[]): Promise<void> {
  const result = await build.inTree(argv, { network: true, onLine: (line) => build.say(line) })
  if (result.exitCode === 0) return
  // Some packages have files of root only, and are installed by anybody
  if (build.uids === 'one' && /chown|chgrp|Failed to set ownership/i.test(result.lines.join('\n')))
    await needUids(build.uids, 'files of these packages')
  const unknown = /No match for argument: (\S+)|(\S+) \(no such package\)/.exec(
    result.lines.join('\n'),
  )
  const name = unknown?.[1] ?? unknown?.[2]
  throw new ClusterError({
    code: name ? 'UNKNOWN_PACKAGE' : 'TREE_FAILED',
    message: name ? `there is no package '${name}'` : `${argv[0]} ended with ${result.exitCode}`,
    mend: name
      ? 'Look for its name, or add the repository that has it in a layer below.'
      : 'Its last lines say why.',
    log: result.lines,
  })
}

async function list(build: Build, argv: readonly string[]): Promise<Record<string, string>> {
  const { stdout } = await build.inTree(argv)
  return Object.fromEntries(
    stdout.split('\n').flatMap((line) => {
      const [name, version = ''] = line.split(' ')
      return name ? [[`package ${name}`, version] as const] : []
    }),
  )
}
