import type { PackagesLayer } from '../../definition/tree.ts'
import type { Build, Step } from '../build/step.ts'

/** Packages that the tree's own package manager installs: apt-get(8), dnf(8) or apk(8). */
export function packagesStep({ packages }: PackagesLayer): Step {
  const managerOf = async (build: Build) => (await import('./package-managers.ts')).managerOf(build)
  return {
    kind: 'packages',
    title: `packages ${packages.join(' ')}`.slice(0, 60),
    async inputs() {
      return Object.fromEntries(packages.map((name) => [`package ${name}`, 'wanted']))
    },
    make: async (build) => (await managerOf(build)).install(build, packages),
    resolved: async (build) => (await managerOf(build)).installed(build),
  }
}
