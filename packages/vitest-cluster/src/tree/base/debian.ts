import type { DebianBase } from '../../definition/tree.ts'
import type { Step } from '../build/step.ts'
import { fileInputs } from '../layer/file-inputs.ts'

/** A Debian tree by mmdebstrap(1), which runs as root of a user namespace, not as root of the host. */
export function debianStep(base: DebianBase): Step {
  const { suite, packages, components, mirror, snapshot, keyring } = base
  return {
    kind: 'debian',
    title: `debian ${suite}`,
    async inputs(context) {
      return {
        suite,
        // Trees that an earlier version of this library built lack it
        'file /etc/hosts': 'localhost',
        ...(mirror !== undefined && { mirror }),
        ...(snapshot !== undefined && { snapshot }),
        components: components.join(' '),
        ...Object.fromEntries(packages.map((name) => [`package ${name}`, 'wanted'])),
        ...(keyring && (await fileInputs([keyring], context))),
      }
    },
    make: async (build) => (await import('./debian-make.ts')).makeDebian(base, build),
    resolved: async (build) =>
      (await import('../layer/package-managers.ts')).installedPackages(build, 'apt-get'),
  }
}
