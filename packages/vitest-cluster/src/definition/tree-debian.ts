import {
  also,
  type Check,
  checked,
  list,
  matching,
  object,
  optional,
  path,
  some,
} from './schema.ts'
import type { DebianBase } from './tree.ts'
import { PACKAGES, type TreeOptions, unique, WRITABLE } from './tree-checks.ts'

/** What `debianTree()` is made from. */
export interface DebianTreeOptions extends TreeOptions {
  /** `bookworm`, `trixie`, `sid`; or a suite of a derivative, with its mirror and keyring. */
  readonly suite: string
  /** Packages besides Debian's essential ones and apt. */
  readonly packages?: readonly string[]
  /** `['main']` by default. */
  readonly components?: readonly string[]
  /** An http, https or file URL. By default mmdebstrap(1)'s choice, with the security updates of a stable suite. */
  readonly mirror?: string
  /** The URL of a snapshot of an archive, whose packages never change. Instead of a mirror. */
  readonly snapshot?: string
  /** A file with the keys that the archive is signed with; by default the host's keys of Debian. */
  readonly keyring?: string
}

const COMPONENTS = "Write components: ['main']."
const archive = (name: string) =>
  matching(
    'the address of an archive',
    /^(https?|file):\/\/[^\s\0]+$/,
    `Write ${name}: 'http://…', the directory that contains dists/.`,
  )

const OPTIONS: Check<DebianTreeOptions> = also(
  object<DebianTreeOptions>({
    suite: matching('the name of a suite', /^[a-z][a-z0-9.-]*$/, "Write suite: 'trixie'."),
    packages: optional(PACKAGES),
    components: optional(
      some(list(matching('a component', /^[a-z][a-z0-9/-]*$/, COMPONENTS), COMPONENTS), COMPONENTS),
    ),
    mirror: optional(archive('mirror')),
    snapshot: optional(archive('snapshot')),
    keyring: optional(path("Write keyring: 'archive.gpg'.")),
    ...WRITABLE,
  }),
  ({ mirror, snapshot }, _, refuse) =>
    mirror === undefined ||
    snapshot === undefined ||
    refuse('mirror and snapshot exclude each other', 'Remove one of them.'),
)

/** Checks a Debian base. @throws ClusterError `INVALID_DEFINITION` */
export function debianBase(options: DebianTreeOptions): DebianBase {
  const {
    packages = [],
    components = ['main'],
    writable: _,
    ...rest
  } = checked(OPTIONS, options, { what: 'debianTree' })
  return { kind: 'debian', ...rest, packages: unique(packages), components }
}
