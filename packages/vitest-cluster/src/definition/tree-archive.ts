import { fileURLToPath } from 'node:url'
import { refuseFor, shown } from './refuse.ts'
import {
  a,
  also,
  type Check,
  checked,
  isPath,
  list,
  matching,
  object,
  optional,
  some,
} from './schema.ts'
import type { ArchiveBase, RpmBase, RpmRepository } from './tree.ts'
import { type TreeOptions, WRITABLE } from './tree-checks.ts'

/** Options of `archiveTree()`. */
export interface ArchiveTreeOptions extends TreeOptions {
  /** The expected digest of the archive: 64 hexadecimal digits. Required for a URL. */
  readonly sha256?: string
}

const SOURCE = placed(
  "Write archiveTree('rootfs.tar.xz'), or archiveTree('https://…', { sha256: '…' }).",
)
const ARCHIVE = object<ArchiveTreeOptions>({
  sha256: optional(
    matching(
      'a digest',
      /^[0-9a-f]{64}$/i,
      'Write 64 hexadecimal digits, as sha256sum prints them.',
    ),
  ),
  ...WRITABLE,
})

/** Checks an archive. @throws ClusterError `INVALID_DEFINITION` */
export function archiveBase(given: string | URL, options: ArchiveTreeOptions = {}): ArchiveBase {
  const source = checked(SOURCE, given, { what: 'archiveTree', name: 'source' })
  const { sha256 } = checked(ARCHIVE, options, { what: `archiveTree('${source}')` })
  if (sha256 !== undefined) return { kind: 'archive', source, sha256: sha256.toLowerCase() }
  if (!/^https?:/i.test(source)) return { kind: 'archive', source }
  return refuseFor(undefined)(
    `archiveTree('${source}') has no sha256`,
    `A URL needs the digest of its archive. Run: curl -L '${source}' | sha256sum\nThen write archiveTree('${source}', { sha256: '…' }).`,
  )
}

/** A repository of RPM packages. */
export interface RpmTreeRepository {
  /** Its name for dnf(8): letters, digits and `. _ : -`. */
  readonly id: string
  /** Its base URL: http, https or file. */
  readonly url: string | URL
  /** A file or URL with the public key that packages are signed with; without it signatures are not checked. */
  readonly key?: string | URL
}

/** What `rpmTree()` is made from. */
export interface RpmTreeOptions extends TreeOptions {
  /** The repositories that dnf(8) installs from; at least one, each with an id of its own. */
  readonly repositories: readonly RpmTreeRepository[]
  /** Names, groups (`@core`), capabilities or versions, as dnf(8) takes them. */
  readonly packages: readonly string[]
  /** `$releasever` in the repositories' addresses. */
  readonly release?: string
}

// The id names a section of a configuration file
const ID = /^(?!main$)[A-Za-z0-9][A-Za-z0-9._:-]*$/
// A name, a group (@core), a capability or a version as dnf(8) accepts it; not an option or a file of the host
const PACKAGE = /^[A-Za-z0-9@][^\s,/]*$/
const REPOSITORIES = "Write repositories: [{ id: 'baseos', url: 'https://…/os/' }]."
const NAMES = "Write packages: ['bash', 'bash-5.2.26', '@core']."

const REPOSITORY = object<RpmRepository>({
  id: matching(
    'an id',
    ID,
    "Use letters, digits and . _ : -, such as 'baseos'; dnf reserves 'main'.",
  ),
  url: located("Write url: 'https://…/os/'.", ['http:', 'https:', 'file:']),
  key: optional(
    also(
      placed('Write a path or a URL without blanks.'),
      (key, name, refuse) =>
        !/\s/.test(key) ||
        refuse(
          `${name} is ${shown(key)}, which has a blank`,
          'Write a path or a URL without blanks.',
        ),
    ),
  ),
})
const RPM = object<Omit<RpmBase, 'kind'> & TreeOptions>({
  repositories: also(some(list(REPOSITORY, REPOSITORIES), REPOSITORIES), (all, name, refuse) => {
    const ids = all.map(({ id }) => id)
    const twice = ids.find((id, index) => ids.indexOf(id) !== index)
    if (twice !== undefined)
      refuse(`${name} has the id '${twice}' twice`, 'Give each repository a different id.')
  }),
  packages: some(list(matching('the name of a package', PACKAGE, NAMES), NAMES), NAMES),
  release: optional(matching('a word', /^[\w.-]+$/, "Write release: '9'.")),
  ...WRITABLE,
})

/** Checks an RPM base. @throws ClusterError `INVALID_DEFINITION` */
export function rpmBase(options: RpmTreeOptions): RpmBase {
  const { writable: _, ...rest } = checked(RPM, options, { what: 'rpmTree' })
  return { kind: 'rpm', ...rest }
}

/** A URL with one of these protocols. */
function located(fix: string, protocols: readonly string[]): Check<string> {
  const source = a<string | URL>('a path or a URL', isPathOrUrl, fix)
  const schemes = protocols.map((protocol) => `${protocol}//`).join(' or ')
  return (value, name, refuse) => {
    const given = `${source(value, name, refuse)}`
    // URL keeps dnf's variables, such as $releasever and $basearch
    const url = URL.canParse(given) ? new URL(given) : undefined
    if (url && protocols.includes(url.protocol) && !/\s/.test(given)) return given
    return refuse(
      `${name} is ${shown(given)}, which is not a valid URL`,
      `Use a URL that begins with ${schemes}.`,
    )
  }
}

/** A path, a `file:` URL, or an http(s) URL. */
function placed(fix: string): Check<string> {
  const source = a<string | URL>('a path or a URL', isPathOrUrl, fix)
  const address = located(fix, ['http:', 'https:'])
  return (value, name, refuse) => {
    const given = `${source(value, name, refuse)}`
    if (!/^file:/i.test(given))
      return /^[a-z][a-z0-9+.-]*:\/\//i.test(given) ? address(given, name, refuse) : given
    try {
      return fileURLToPath(given)
    } catch {
      const fix = 'Write file:///path, or the path itself.'
      return refuse(`${name} is ${shown(given)}, which is not a path of this machine`, fix)
    }
  }
}

function isPathOrUrl(value: unknown): boolean {
  return value instanceof URL || isPath(value)
}
