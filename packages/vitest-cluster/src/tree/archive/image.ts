import { ClusterError } from '../../errors.ts'

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
  if (images.length > 1) throw several(images.map(({ RepoTags }) => `${RepoTags ?? '(no name)'}`))
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
  if (!isObject(document)) throw malformed('index.json')
  const { manifests, layers, config } = document
  if (Array.isArray(layers)) {
    return { layers: layers.map(blobOf), config: config === undefined ? undefined : blobOf(config) }
  }
  if (!Array.isArray(manifests)) throw malformed('index.json')
  // Attestations are listed beside images, as for an unknown machine
  const all = manifests
    .filter(isObject)
    .map((each) => ({ ...each, platform: platformOf(each['platform']) }))
    .filter(({ platform }) => platform !== 'unknown/unknown')
  const ours = all.filter(({ platform }) => !platform || platform === `linux/${architecture}`)
  if (all.length > 0 && ours.length === 0)
    throw otherMachine([...new Set(all.map(({ platform }) => platform ?? ''))], architecture)
  if (ours.length > 1) {
    const names = ours.map((each) => {
      const notes = 'annotations' in each && isObject(each.annotations) ? each.annotations : {}
      return `${notes['org.opencontainers.image.ref.name'] ?? '(no name)'}`
    })
    throw several(names)
  }
  if (!ours[0]) throw malformed('index.json')
  return { next: blobOf(ours[0]) }
}

/** Sees that an image's programs run here, as far as it says so. Pure. @throws ClusterError `TREE_ARCHIVE` */
export function checkArchitecture(config: unknown, architecture: string): void {
  const said = (key: string, otherwise: string) =>
    (isObject(config) && typeof config[key] === 'string' && config[key]) || otherwise
  const found = `${said('os', 'linux')}/${said('architecture', architecture)}`
  if (found !== `linux/${architecture}`) throw otherMachine([found], architecture)
}

function blobOf(descriptor: unknown): Blob {
  const digest = isObject(descriptor) ? `${descriptor['digest']}` : ''
  const [, algorithm, hex] = /^(sha256|sha512):([0-9a-f]{64,128})$/.exec(digest) ?? []
  if (!algorithm || !hex) throw malformed('manifest')
  return {
    path: `blobs/${algorithm}/${hex}`,
    sha256: algorithm === 'sha256' ? hex : undefined,
  }
}

function platformOf(platform: unknown): string | undefined {
  if (!isObject(platform)) return undefined
  return `${platform['os']}/${platform['architecture']}`
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}

function several(names: readonly string[]): ClusterError {
  return new ClusterError({
    code: 'TREE_ARCHIVE',
    message: `has ${names.length} images: ${names.join(', ')}`,
    mend: 'Write an archive of one image: docker save NAME, skopeo copy … oci-archive:FILE:NAME.',
  })
}

function otherMachine(found: readonly string[], architecture: string): ClusterError {
  return new ClusterError({
    code: 'TREE_ARCHIVE',
    message: `has an image for ${found.join(', ')}, and this machine is linux/${architecture}`,
    mend: `Pull it for this machine: docker pull --platform linux/${architecture} NAME.`,
  })
}

function malformed(what: string): ClusterError {
  return new ClusterError({
    code: 'TREE_ARCHIVE',
    message: `looks like an image, and its ${what} does not say what it is made of`,
    mend: 'Write it anew: docker save NAME, skopeo copy … oci-archive:FILE:NAME.',
  })
}
