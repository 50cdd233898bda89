import type { PackagesLayer } from '../../definition/tree.ts'
import type { Step } from '../build/step.ts'

/** Packages that the tree's own package manager installs: apt-get(8), dnf(8) or apk(8). */
export function packagesStep({ packages }: PackagesLayer): Step {
  const managers = () => import('./package-managers.ts')
  return {
    kind: 'packages',
    title: `packages ${packages.join(' ')}`.slice(0, 60),
    async inputs() {
      return Object.fromEntries(packages.map((name) => [`package ${name}`, 'wanted']))
    },
    make: async (build) => (await managers()).installPackages(build, packages),
    resolved: async (build) => (await managers()).installedPackages(build),
  }
}
