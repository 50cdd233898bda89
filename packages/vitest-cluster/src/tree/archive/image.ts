import type { ClusterError } from '../../errors.ts'
import { badArchive } from './bad-archive.ts'

/** A part of an image, by its path in the archive. */
export interface Blob {
  readonly path: string
  /** The expected digest of the file, if the image has it. */
  readonly sha256: string | undefined
}

/** The parts of an image. */
export interface Image {
  /** From the lowest up. */
  readonly layers: readonly Blob[]
  /** The image's configuration, which names the architecture. */
  readonly config: Blob | undefined
}

/** Whether an archive is an image rather than a root file system. A root file system may have files of the same names. */
export function isImage(has: (name: string) => boolean): boolean {
  if (['bin', 'etc', 'usr'].some(has)) return false
  return has('manifest.json') || (has('index.json') && has('oci-layout'))
}

/** The architecture of this machine by its name in Go, as in images. */
export function imageArchitecture(arch: string = process.arch): string {
  const names: Readonly<Record<string, string>> = { x64: 'amd64', ia32: '386', ppc64: 'ppc64le' }
  return names[arch] ?? arch
}

/** The image of a `manifest.json` by `docker save`. Pure. @throws ClusterError `TREE_ARCHIVE` */
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
 * Reads an OCI image index or manifest (OCI image specification). Pure.
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
  // Attestations are listed beside images, with an unknown machine
  const images = all.filter(({ machine }) => machine !== 'unknown/unknown')
  const ours = images.filter(({ machine }) => !machine || machine === `linux/${architecture}`)
  const [first] = ours
  if (ours.length > 1) throw several(ours.map(({ manifest }) => nameIn(manifest['annotations'])))
  if (first) return { next: blobOf(first.manifest) }
  if (images.length === 0) throw malformed('index.json')
  throw otherMachine(new Set(images.map(({ machine }) => machine)), architecture)
}

/** Checks that an image is for this machine, if its configuration names one. Pure. @throws ClusterError `TREE_ARCHIVE` */
export function checkArchitecture(config: unknown, architecture: string): void {
  const said = (key: string, otherwise: string) =>
    (isObject(config) && typeof config[key] === 'string' && config[key]) || otherwise
  const found = `${said('os', 'linux')}/${said('architecture', architecture)}`
  if (found !== `linux/${architecture}`) throw otherMachine([found], architecture)
}

/** The part of a descriptor. @throws ClusterError `TREE_ARCHIVE` if it has no valid digest */
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
    `contains ${names.length} images: ${list}`,
    'Write an archive of a single image: docker save NAME, skopeo copy … oci-archive:FILE:NAME.',
  )
}

function otherMachine(found: Iterable<string | undefined>, architecture: string): ClusterError {
  return wrongImage(
    `contains an image for ${[...found].join(', ')}, but this machine is linux/${architecture}`,
    `Pull it for this machine: docker pull --platform linux/${architecture} NAME.`,
  )
}

function malformed(what: string): ClusterError {
  return wrongImage(`looks like an image, but its ${what} is incomplete or invalid`)
}

/** The error for an image that cannot be a tree. */
export function wrongImage(
  message: string,
  fix = 'Write the image again with all of its layers: docker save NAME, skopeo copy … oci-archive:FILE:NAME.',
): ClusterError {
  return badArchive(message, fix)
}
