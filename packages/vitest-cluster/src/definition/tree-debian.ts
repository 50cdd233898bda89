import type { DebianBase } from './tree.ts'
import { check, checkOptions, checkPackages, isPath, text, unique } from './tree-checks.ts'

const OPTIONS = ['suite', 'packages', 'components', 'mirror', 'snapshot', 'keyring', 'writable']

export interface DebianOptions {
  /** `bookworm`, `trixie`, `sid`; or one of a derivative, with its mirror and keyring. */
  readonly suite: string
  /** Installed besides what Debian calls essential, and apt. */
  readonly packages?: readonly string[]
  /** `['main']` by default. */
  readonly components?: readonly string[]
  /** An http, https or file URL. By default mmdebstrap(1)'s own choice, which has a stable suite's security updates, too. */
  readonly mirror?: string
  /** The URL of an archive as it was at a time: the same packages for ever. Instead of a mirror. */
  readonly snapshot?: string
  /** A file with the keys that the archive is signed with; Debian's own, as the host has them, by default. */
  readonly keyring?: string
}

/** Checks a Debian base. @throws ClusterError `INVALID_DEFINITION` */
export function debianBase(options: DebianOptions): DebianBase {
  checkOptions('debianTree', options, OPTIONS)
  const { suite, packages = [], components = ['main'], mirror, snapshot, keyring } = options
  check(
    typeof suite === 'string' && /^[a-z][a-z0-9.-]*$/.test(suite),
    `debianTree: ${text(suite)} is no suite`,
    "Write suite: 'trixie'.",
  )
  checkPackages('debianTree', packages)
  check(
    Array.isArray(components) && components.length > 0,
    `debianTree: components: ${text(components)} is no list of any`,
    "Write components: ['main'].",
  )
  for (const component of components)
    check(
      typeof component === 'string' && /^[a-z][a-z0-9/-]*$/.test(component),
      `debianTree: ${text(component)} is no component`,
      "Write components: ['main'].",
    )
  for (const [name, url] of Object.entries({ mirror, snapshot }))
    check(
      url === undefined || (isPath(url) && /^(https?|file):\/\/[^\s]+$/.test(url)),
      `debianTree: ${name} is ${text(url)}, which is no address of an archive`,
      `Write ${name}: 'http://…', the directory that has dists/.`,
    )
  check(
    keyring === undefined || isPath(keyring),
    `debianTree: keyring is ${text(keyring)}, which is no path`,
    "Write keyring: 'archive.gpg'.",
  )
  check(
    mirror === undefined || snapshot === undefined,
    'debianTree: a mirror and a snapshot are two archives',
    'Leave one of them out.',
  )
  return {
    ...{ kind: 'debian', suite, packages: unique(packages), components },
    ...(mirror !== undefined && { mirror }),
    ...(snapshot !== undefined && { snapshot }),
    ...(keyring !== undefined && { keyring }),
  }
}
