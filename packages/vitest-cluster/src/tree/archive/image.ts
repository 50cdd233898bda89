import type { ClusterError } from '../../errors.ts'
import { badArchive } from './bad-archive.ts'

/** A part of an image, by its name inside of the archive. */
export interface Blob {
  readonly path: string
  /** What its file has to be, where that is said. */
  readonly sha256: string | undefined
}

/** What an image consists of. */
export interface Image {
  /** From the lowest up. */
  readonly layers: readonly Blob[]
  /** The file that says what machine it is for. */
  readonly config: Blob | undefined
}

/** Whether an archive's files are an image rather than a root file system, which may have a file of any name. */
export function isImage(has: (name: string) => boolean): boolean {
  if (['bin', 'etc', 'usr'].some(has)) return false
  return has('manifest.json') || (has('index.json') && has('oci-layout'))
}

/** The architecture of this machine, in Go's words as images use them. */
export function imageArchitecture(arch: string = process.arch): string {
  const names: Readonly<Record<string, string>> = { x64: 'amd64', ia32: '386', ppc64: 'ppc64le' }
  return names[arch] ?? arch
}

/** What `docker save` writes as `manifest.json`. Pure. @throws ClusterError `TREE_ARCHIVE` */
export function dockerImage(manifest: unknown): Image {
  const images = Array.isArray(manifest) ? manifest.filter(isObject) : []
  if (images.length > 1) throw several(images.map(({ RepoTags }) => RepoTags))
  const { Layers, Config } = images[0] ?? {}
  if (!Array.isArray(Layers) || !Layers.every((each) => typeof each === 'string'))
    throw malformed('manifest.json')
  const blob = (path: string) => ({ path, sha256: undefined })
  return { layers: Layers.map(blob), config: typeof Config === 'string' ? blob(Config) : undefined }
}

/**
 * What an OCI image index or manifest leads to (the OCI image specification). Pure.
 * @returns the next document to read, or the image
 * @throws ClusterError `TREE_ARCHIVE`
 */
export function ociImage(document: unknown, architecture: string): { readonly next: Blob } | Image {
  const { manifests, layers, config } = isObject(document) ? document : {}
  if (Array.isArray(layers))
    return { layers: layers.map(blobOf), config: config === undefined ? undefined : blobOf(config) }
  if (!Array.isArray(manifests)) throw malformed('index.json')
  const all = manifests.filter(isObject).map((manifest) => {
    const { platform } = manifest
    const machine = isObject(platform) ? `${platform['os']}/${platform['architecture']}` : undefined
    return { manifest, machine }
  })
  // Attestations are listed beside images, as for an unknown machine
  const images = all.filter(({ machine }) => machine !== 'unknown/unknown')
  const ours = images.filter(({ machine }) => !machine || machine === `linux/${architecture}`)
  const [first] = ours
  if (ours.length > 1) throw several(ours.map(({ manifest }) => nameIn(manifest['annotations'])))
  if (first) return { next: blobOf(first.manifest) }
  if (images.length === 0) throw malformed('index.json')
  throw otherMachine(new Set(images.map(({ machine }) => machine)), architecture)
}

/** Sees that an image's programs run here, as far as it says so. Pure. @throws ClusterError `TREE_ARCHIVE` */
export function checkArchitecture(config: unknown, architecture: string): void {
  const said = (key: string, otherwise: string) =>
    (isObject(config) && typeof config[key] === 'string' && config[key]) || otherwise
  const found = `${said('os', 'linux')}/${said('architecture', architecture)}`
  if (found !== `linux/${architecture}`) throw otherMachine([found], architecture)
}

/** @throws ClusterError `TREE_ARCHIVE` for anything but the digest of a part */
function blobOf(descriptor: unknown): Blob {
  const digest = isObject(descriptor) ? `${descriptor['digest']}` : ''
  const [, algorithm, hex] = /^(sha256|sha512):([0-9a-f]{64,128})$/.exec(digest) ?? []
  if (!algorithm || !hex) throw malformed('manifest')
  return { path: `blobs/${algorithm}/${hex}`, sha256: algorithm === 'sha256' ? hex : undefined }
}

function nameIn(annotations: unknown): unknown {
  return isObject(annotations) ? annotations['org.opencontainers.image.ref.name'] : undefined
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}

function several(names: readonly unknown[]): ClusterError {
  const list = names.map((name) => name ?? '(no name)').join(', ')
  return wrongImage(
    `has ${names.length} images: ${list}`,
    'Write an archive of one image: docker save NAME, skopeo copy … oci-archive:FILE:NAME.',
  )
}

function otherMachine(found: Iterable<string | undefined>, architecture: string): ClusterError {
  return wrongImage(
    `has an image for ${[...found].join(', ')}, and this machine is linux/${architecture}`,
    `Pull it for this machine: docker pull --platform linux/${architecture} NAME.`,
  )
}

function malformed(what: string): ClusterError {
  return wrongImage(`looks like an image, and its ${what} does not say what it is made of`)
}

/** The error for an image that cannot be a tree. */
export function wrongImage(
  message: string,
  fix = 'Write it again, with all of its layers: docker save NAME, skopeo copy … oci-archive:FILE:NAME.',
): ClusterError {
  return badArchive(message, fix)
}
