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

const COMPONENTS = "Write components: ['main']."
const archive = (name: string) =>
  matching(
    'the address of an archive',
    /^(https?|file):\/\/[^\s\0]+$/,
    `Write ${name}: 'http://…', the directory that has dists/.`,
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
    refuse('a mirror and a snapshot are two archives', 'Leave one of them out.'),
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
