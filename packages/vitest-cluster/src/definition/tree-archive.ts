import { fileURLToPath } from 'node:url'
import type { ArchiveBase, RpmBase, RpmRepository } from './tree.ts'
import { checkOptions, isPath, invalid as refusal, text } from './tree-checks.ts'

const SHA256 = /^[0-9a-f]{64}$/i
// It becomes a section of a configuration file
const ID = /^[A-Za-z0-9][A-Za-z0-9._:-]*$/
// A name, a group (@core), a capability or a version as dnf(8) takes them; nothing that is an option or a file of the host
const PACKAGE = /^[A-Za-z0-9@][^\s,/]*$/

/** Checks an archive. @throws ClusterError `INVALID_DEFINITION` */
export function archiveBase(
  source: string | URL,
  options: { readonly sha256?: string | undefined } = {},
): ArchiveBase {
  const what = isUrl(source) || isPath(source) ? `${source}` : ''
  if (!what) {
    invalid(
      `archiveTree(${text(source)}) names no archive`,
      "archiveTree('rootfs.tar.xz'), or archiveTree('https://…', { sha256: '…' })",
    )
  }
  const about = `archiveTree('${what}')`
  checkOptions(about, options, ['sha256', 'writable'])
  const { sha256 } = options
  if (sha256 !== undefined && !(typeof sha256 === 'string' && SHA256.test(sha256))) {
    invalid(
      `${about} has sha256: ${text(sha256)}`,
      'It is 64 hexadecimal digits, as sha256sum prints them.',
    )
  }
  const digest = sha256 === undefined ? {} : { sha256: sha256.toLowerCase() }
  if (/^file:/i.test(what)) return { kind: 'archive', source: path(what, about), ...digest }
  if (!hasScheme(what)) return { kind: 'archive', source: what, ...digest }
  address(what, ['http:', 'https:'], about)
  if (sha256 === undefined) {
    invalid(
      `${about} has no sha256`,
      `Only then is it known what the URL leads to:\ncurl -L '${what}' | sha256sum\nThen archiveTree('${what}', { sha256: '…' }).`,
    )
  }
  return { kind: 'archive', source: what, ...digest }
}

/** Checks what a tree of RPM packages is made from. @throws ClusterError `INVALID_DEFINITION` */
export function rpmBase(options: {
  readonly repositories: readonly {
    readonly id: string
    readonly url: string | URL
    readonly key?: string | URL | undefined
  }[]
  readonly packages: readonly string[]
  readonly release?: string | undefined
}): RpmBase {
  checkOptions('rpmTree', options, ['repositories', 'packages', 'release', 'writable'])
  const { repositories, packages, release } = options
  if (!Array.isArray(repositories) || repositories.length === 0) {
    invalid(
      'rpmTree has no repositories',
      "rpmTree({ repositories: [{ id: 'baseos', url: 'https://…/os/' }], packages: ['bash'] })",
    )
  }
  if (!Array.isArray(packages) || packages.length === 0)
    invalid('rpmTree has no packages', "Name at least one, such as packages: ['bash'].")
  for (const name of packages) {
    if (typeof name === 'string' && PACKAGE.test(name)) continue
    invalid(
      `rpmTree names a package ${text(name)}`,
      "Use a package's name, such as 'bash', 'bash-5.2.26' or '@core'.",
    )
  }
  if (release !== undefined && !(typeof release === 'string' && /^[\w.-]+$/.test(release)))
    invalid(`rpmTree has release: ${text(release)}`, "It is a word, such as '9'.")
  for (const each of repositories) {
    if (typeof each === 'object' && each !== null) continue
    invalid('rpmTree has a repository that is none', "{ id: 'baseos', url: 'https://…/os/' }")
  }
  const ids = repositories.map(({ id }) => id)
  const twice = ids.find((id, index) => ids.indexOf(id) !== index)
  if (twice !== undefined)
    invalid(`rpmTree has two repositories '${twice}'`, 'Give each an id of its own.')
  return {
    kind: 'rpm',
    repositories: repositories.map(repository),
    packages,
    ...(release === undefined ? {} : { release }),
  }
}

function repository({
  id,
  url,
  key,
}: {
  readonly id: string
  readonly url: string | URL
  readonly key?: string | URL | undefined
}): RpmRepository {
  if (typeof id !== 'string' || !ID.test(id) || id === 'main') {
    invalid(
      `rpmTree has a repository with id: ${text(id)}`,
      "Use letters, digits and . _ : -, such as 'baseos'; 'main' is taken by dnf itself.",
    )
  }
  const about = `repository '${id}' of rpmTree`
  if (!isUrl(url) && !isPath(url))
    invalid(`${about} has url: ${text(url)}`, "Write url: 'https://…/os/'.")
  address(`${url}`, ['http:', 'https:', 'file:'], about)
  if (key === undefined) return { id, url: `${url}` }
  if (!(isUrl(key) || isPath(key)) || /\s/.test(`${key}`))
    invalid(`${about} has key: ${text(key)}`, 'Give a path or a URL without blanks.')
  if (/^file:/i.test(`${key}`)) return { id, url: `${url}`, key: path(`${key}`, about) }
  if (hasScheme(`${key}`)) address(`${key}`, ['http:', 'https:'], `the key of ${about}`)
  return { id, url: `${url}`, key: `${key}` }
}

function isUrl(source: unknown): source is URL {
  return source instanceof URL
}

function hasScheme(source: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(source)
}

function path(url: string, about: string): string {
  try {
    return fileURLToPath(url)
  } catch {
    return invalid(`${about} is no path of this machine`, 'Write file:///path, or the path itself.')
  }
}

function address(given: string, protocols: readonly string[], about: string): void {
  // Variables such as $releasever and $basearch are dnf's, and URL keeps them
  const url = URL.canParse(given) ? new URL(given) : undefined
  if (url && protocols.includes(url.protocol) && !/\s/.test(given)) return
  const schemes = protocols.map((protocol) => `${protocol}//`).join(', ')
  invalid(`${about} has no address that can be read: ${text(given)}`, `Use ${schemes}.`)
}

function invalid(message: string, fix: string): never {
  throw refusal(message, fix)
}
