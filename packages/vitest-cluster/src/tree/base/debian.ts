import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { DebianBase } from '../../definition/tree.ts'
import { ClusterError } from '../../errors.ts'
import { aptFailure, aptProgress, debianPackages } from '../apt.ts'
import type { Build, Step } from '../build/step.ts'
import { fileInputs } from '../layer/command.ts'

/** A Debian tree by mmdebstrap(1), as root of the build's own namespace: that is no root on the host. */
export function debianStep(base: DebianBase): Step {
  const { suite, packages, components, keyring } = base
  const mirror = mirrorOf(base)
  return {
    kind: 'debian',
    title: `debian ${suite}`,
    async inputs(context) {
      return {
        suite,
        mirror,
        components: components.join(' '),
        ...Object.fromEntries(packages.map((name) => [`package ${name}`, 'wanted'])),
        ...(keyring && (await fileInputs([keyring], context))),
      }
    },
    async make(build) {
      const argv = ['mmdebstrap', '--mode=root', '--variant=apt', '--verbose', '--skip=output/dev']
      argv.push(`--components=${components.join(',')}`)
      if (packages.length > 0) argv.push(`--include=${packages.join(',')}`)
      if (keyring) argv.push(`--keyring=${join(build.baseDirectory, keyring)}`)
      // A snapshot's Release files are as old as it is
      if (base.snapshot) argv.push('--aptopt=Acquire::Check-Valid-Until "false"')
      const result = await build.onHost([...argv, suite, 'root', mirror], {
        network: true,
        onLine: aptProgress(build),
      })
      if (result.exitCode === 127) throw noMmdebstrap()
      if (result.exitCode !== 0) throw aptFailure(result, { suite, mirror })
      await forgetHost(build)
    },
    resolved: debianPackages,
  }
}

function mirrorOf({ mirror, snapshot }: DebianBase): string {
  return snapshot ? `http://snapshot.debian.org/archive/debian/${snapshot}` : mirror
}

/** mmdebstrap(1) copies these from the machine that it runs on. */
async function forgetHost(build: Build): Promise<void> {
  const etc = join(build.directory, 'root/etc')
  await Promise.all([
    writeFile(join(etc, 'hostname'), 'vitest-cluster\n'),
    writeFile(join(etc, 'resolv.conf'), ''),
  ])
}

function noMmdebstrap(): ClusterError {
  return new ClusterError({
    code: 'MISSING_PROGRAM',
    message: 'mmdebstrap is not installed',
    mend: 'sudo apt-get install mmdebstrap        # Debian, Ubuntu\nsudo dnf install mmdebstrap            # Fedora',
  })
}
