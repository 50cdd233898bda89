import { quoted } from '../../disk/names.ts'
import { type BadLink, followLinks } from './follow.ts'
import { checkOwner, type Member, partsOf, refuse, sparseName } from './member.ts'

/** The directory of the root file system in images of LXD and Incus. */
export const ROOTFS = 'rootfs'
/** Directories at the top of a root file system (hier(7)). */
const TOP = ['bin', 'etc', 'lib', 'sbin', 'usr', 'var']

/** `directory`, or a symbolic link with its target, or anything else. */
type Entry = 'directory' | 'other' | { readonly target: string }

/**
 * The files that the members of an archive, or of an image's layers, would create: names and links only. An archive is
 * unpacked only after all of its members were checked here. Pure.
 */
export class Members {
  readonly #checkOwner: boolean
  readonly #layered: boolean
  #below = new Map<string, Entry>()
  #own = new Map<string, Entry>()
  #hidden = new Set<string>()
  #emptied = new Set<string>()

  constructor(options: { readonly checkOwner: boolean; readonly layered: boolean }) {
    this.#checkOwner = options.checkOwner
    this.#layered = options.layered
  }

  /** Whether there is a file or directory of this name; see {@link isImage}. */
  has(name: string): boolean {
    return this.#entry(name) !== undefined
  }

  /**
   * The directory of the archive that contains the root file system; undefined if the archive itself is one, or if nothing
   * in it looks like one.
   */
  rootBelow(): string | undefined {
    if (TOP.some((name) => this.has(name))) return undefined
    const inside = [...this.#own.keys()].filter((path) => /.\/(bin|etc|usr)$/.test(path))
    const parents = inside.map((path) => path.slice(0, path.lastIndexOf('/')))
    return parents
      .filter((path) => ['etc', 'usr'].every((name) => this.has(`${path}/${name}`)))
      .sort((a, b) => a.split('/').length - b.split('/').length)[0]
  }

  /** Whether the archive is the metadata file of an LXD or Incus image. */
  isMetadata(): boolean {
    return this.has('metadata.yaml') && !TOP.some((name) => this.has(name))
  }

  /** Checks and adds a member. @throws ClusterError `TREE_ARCHIVE` if it must not be unpacked */
  add(member: Member): void {
    const { type, linkname, size } = member
    const names = partsOf(sparseName(member) ?? member.name, member, 'own')
    const path = this.#place(names, member)
    if (type === 'character-device' || type === 'block-device') {
      const inRoot = names[0] === ROOTFS ? names.slice(1) : names
      if (inRoot[0] === 'dev' && inRoot.length > 1) return
      refuse(
        member,
        'is a device node',
        'Create the archive without it: units have their own /dev.',
      )
    }
    if (path === '' && type !== 'directory') refuse(member, 'would replace the tree itself')
    if (this.#checkOwner) checkOwner(member)
    if (this.#layered && this.#whiteout(path, member)) return
    switch (type) {
      case 'directory':
        this.#own.set(path, 'directory')
        return
      case 'symlink':
        this.#own.set(path, { target: linkname ?? '' })
        return
      case 'link':
        // tar(1) and this reader might disagree on where the next member begins
        if (size !== 0) refuse(member, 'is a hard link with content of its own')
        this.#own.set(path, this.#linked(member))
        return
      case 'file':
      case 'contiguous-file':
      case 'fifo':
        this.#own.set(path, 'other')
        return
      default:
        refuse(
          member,
          'has a type that is not supported',
          'If the file is sparse, create the archive again with tar --format=posix, or without --sparse.',
        )
    }
  }

  /**
   * Ends a layer.
   * @returns the paths of lower layers to remove before this layer is unpacked, in this order: if a directory of this layer
   * replaces a symbolic link, the link is removed first, so that nothing is removed through it
   */
  endLayer(): readonly string[] {
    const removed = new Set(this.#hidden)
    for (const path of this.#below.keys()) {
      const parent = path.slice(0, Math.max(0, path.lastIndexOf('/')))
      if (path !== '' && this.#emptied.has(parent)) removed.add(path)
      const own = this.#own.get(path)
      if (own && (own === 'directory') !== (this.#below.get(path) === 'directory'))
        removed.add(path)
    }
    for (const path of this.#below.keys()) if (isWithin(path, removed)) this.#below.delete(path)
    for (const [path, entry] of this.#own) this.#below.set(path, entry)
    this.#own = new Map()
    this.#hidden = new Set()
    this.#emptied = new Set()
    return [...removed].sort()
  }

  #entry(path: string): Entry | undefined {
    return this.#own.get(path) ?? this.#below.get(path)
  }

  /** The path of a member in the tree: links in its directory are followed, but not the member itself. */
  #place(names: readonly string[], member: Member): string {
    const last = names.at(-1)
    if (last === undefined) return ''
    const directory = followLinks(names.slice(0, -1), (path) => {
      const entry = this.#entry(path)
      return typeof entry === 'object' ? entry.target : undefined
    })
    if (typeof directory !== 'string') refuse(member, `passes through ${describeLink(directory)}`)
    // A parent directory may have no member
    for (let end = directory.length; end > 0; end = directory.lastIndexOf('/', end - 1)) {
      const way = directory.slice(0, end)
      if (this.#entry(way)) break
      this.#own.set(way, 'directory')
    }
    return directory === '' ? last : `${directory}/${last}`
  }

  #linked(member: Member): Entry {
    const target = member.linkname ?? ''
    const entry = this.#entry(this.#place(partsOf(target, member, 'linked'), member))
    if (!entry)
      refuse(member, `is a hard link to ${quoted(target)}, which is not an earlier member`)
    if (entry === 'directory') refuse(member, `is a hard link to the directory ${quoted(target)}`)
    return entry
  }

  /** Whether the member is a whiteout, which only removes a path of lower layers (OCI image specification, "Whiteouts"). */
  #whiteout(path: string, member: Member): boolean {
    const slash = path.lastIndexOf('/')
    const name = path.slice(slash + 1)
    if (!name.startsWith('.wh.')) return false
    const gone = name.slice('.wh.'.length)
    if (['', '.', '..'].includes(gone)) refuse(member, 'deletes something that is not a file')
    if (gone === '.wh..opq') this.#emptied.add(path.slice(0, Math.max(0, slash)))
    // Other whiteouts are internal files of aufs
    else if (!gone.startsWith('.wh.')) this.#hidden.add(path.slice(0, slash + 1) + gone)
    return true
  }
}

function isWithin(path: string, removed: ReadonlySet<string>): boolean {
  for (let end = path.length; end > 0; end = path.lastIndexOf('/', end - 1))
    if (removed.has(path.slice(0, end))) return true
  return false
}

function describeLink({ link, target, why }: BadLink): string {
  return `the symbolic link ${quoted(link)} to ${quoted(target)}, which ${why}`
}
