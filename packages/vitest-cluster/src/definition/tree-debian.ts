import type { DebianBase } from './tree.ts'
import { check, checkPackages, text, unique } from './tree-checks.ts'

export interface DebianOptions {
  /** `bookworm`, `trixie`, `sid`; or one of a derivative, with its mirror and keyring. */
  readonly suite: string
  /** Installed besides what Debian calls essential, and apt. */
  readonly packages?: readonly string[]
  /** `['main']` by default. */
  readonly components?: readonly string[]
  /** `http://deb.debian.org/debian` by default. */
  readonly mirror?: string
  /** A time of snapshot.debian.org, such as `20260901T000000Z`: the same packages for ever. Instead of a mirror. */
  readonly snapshot?: string
  /** A file with the keys that the archive is signed with; Debian's own, as the host has them, by default. */
  readonly keyring?: string
}

/** Checks a Debian base. @throws ClusterError `INVALID_DEFINITION` */
export function debianBase(options: DebianOptions): DebianBase {
  const { suite, packages = [], components = ['main'], snapshot, keyring } = options
  const { mirror = 'http://deb.debian.org/debian' } = options
  check(
    /^[a-z][a-z0-9.-]*$/.test(suite),
    `debianTree: ${text(suite)} is no suite`,
    "Write suite: 'trixie'.",
  )
  checkPackages('debianTree', packages)
  for (const component of components)
    check(
      /^[a-z][a-z0-9/-]*$/.test(component),
      `debianTree: ${text(component)} is no component`,
      "Write components: ['main'].",
    )
  check(
    /^(https?|file):\/\/[^\s]+$/.test(mirror),
    `debianTree: ${text(mirror)} is no mirror`,
    "Write mirror: 'http://deb.debian.org/debian'.",
  )
  check(
    snapshot === undefined || /^\d{8}T\d{6}Z$/.test(snapshot),
    `debianTree: ${text(snapshot)} is no time of a snapshot`,
    "Write snapshot: '20260901T000000Z'; https://snapshot.debian.org has a list.",
  )
  return {
    ...{ kind: 'debian', suite, packages: unique(packages), components, mirror },
    ...(snapshot !== undefined && { snapshot }),
    ...(keyring !== undefined && { keyring }),
  }
}
