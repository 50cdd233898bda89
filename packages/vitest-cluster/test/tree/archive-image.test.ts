import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { archiveBase } from '../../src/definition/tree-archive.ts'
import { imageArchitecture } from '../../src/tree/archive/image.ts'
import { archiveStep } from '../../src/tree/base/archive.ts'
import { stepBuild } from './step-build.ts'
import { compressed, digest, type Entry, tar } from './tars.ts'

async function made(image: Buffer) {
  const place = await stepBuild()
  await writeFile(join(place.build.baseDirectory, 'image.tar'), image)
  const error = await archiveStep(archiveBase('image.tar'))
    .make(place.build)
    .then(
      () => undefined,
      (cause: unknown) => cause,
    )
  return { ...place, error }
}

const LOWER: readonly Entry[] = [
  ['etc/'],
  ['etc/kept', 'lower\n'],
  ['etc/changed', 'lower\n'],
  ['etc/deleted', 'lower\n'],
  ['var/cache/old/file', 'lower\n'],
  ['opt/directory/'],
  ['opt/directory/file', 'lower\n'],
  ['opt/link', '-> directory'],
  ['usr/lib/'],
  ['lib', '-> usr/lib'],
]
const UPPER: readonly Entry[] = [
  ['etc/changed', 'upper\n'],
  ['etc/.wh.deleted'],
  // an opaque mark hides the layers below, wherever it is in this layer
  ['var/cache/new', 'upper\n'],
  ['var/cache/.wh..wh..opq'],
  ['opt/directory', 'now a file\n'],
  ['opt/link/'],
  ['opt/link/file', 'upper\n'],
  ['lib/library', 'upper\n'],
]
const MERGED = [
  'd etc',
  'd opt',
  'd opt/link',
  'd usr',
  'd usr/lib',
  'd var',
  'd var/cache',
  'f etc/changed',
  'f etc/kept',
  'f opt/directory',
  'f opt/link/file',
  'f usr/lib/library',
  'f var/cache/new',
  'l lib',
]

/** What `docker save` wrote before version 25: layers in directories, one of them named twice by a link. */
async function dockerSave(...images: readonly object[]) {
  const config = JSON.stringify({ architecture: imageArchitecture() })
  const manifest = {
    Config: 'c.json',
    RepoTags: ['small:1'],
    Layers: ['a/layer.tar', 'b/layer.tar'],
  }
  return tar(
    ['c.json', config],
    ['a/layer.tar', '-> ../d/layer.tar'],
    ['d/layer.tar', await tar(...LOWER)],
    ['b/layer.tar', await tar(...UPPER)],
    ['manifest.json', JSON.stringify([manifest, ...images])],
  )
}

interface Descriptor {
  readonly digest: string
  readonly size: number
  readonly platform?: object
}

/** An OCI layout, in which an index leads to an index of machines. */
async function ociLayout(architecture: string, damage = false) {
  const blobs = new Map<string, Buffer>()
  const blob = (content: Buffer | object): Descriptor => {
    const bytes = Buffer.isBuffer(content) ? content : Buffer.from(JSON.stringify(content))
    blobs.set(
      `blobs/sha256/${digest(bytes)}`,
      damage && bytes === content ? Buffer.from('?') : bytes,
    )
    return { digest: `sha256:${digest(bytes)}`, size: bytes.length }
  }
  const layers = [
    blob(await compressed('gzip', await tar(...LOWER))),
    blob(await compressed('zstd', await tar(...UPPER))),
  ]
  const ours = {
    ...blob({ config: blob({ architecture }), layers }),
    platform: { os: 'linux', architecture },
  }
  const other = { ...blob({ layers: [] }), platform: { os: 'linux', architecture: 'mips' } }
  const attestation = { ...blob({}), platform: { os: 'unknown', architecture: 'unknown' } }
  const index = blob({ manifests: [other, ours, attestation] })
  return tar(
    ['oci-layout', '{"imageLayoutVersion":"1.0.0"}'],
    ['index.json', JSON.stringify({ manifests: [index] })],
    ...blobs,
  )
}

test.for([
  ['docker save', () => dockerSave()],
  ['OCI', () => ociLayout(imageArchitecture())],
  ['a compressed OCI', async () => compressed('xz', await ociLayout(imageArchitecture()))],
] as const)('the layers of %s archive are merged in order', async ([, image]) => {
  const { error, files, text, said } = await made(await image())
  expect(error).toBeUndefined()
  expect(await files()).toEqual(MERGED)
  expect(await text('etc/changed')).toBe('upper')
  expect(said.slice(-2)).toEqual(['unpacking layer 1 of 2', 'unpacking layer 2 of 2'])
})

test('layers may be empty, and have hard links to files of lower layers', async () => {
  const empty = await tar()
  const layers = {
    'a.tar': await tar(['etc/'], ['etc/motd', 'lower\n']),
    'b.tar': empty,
    'c.tar': await compressed('gzip', empty),
    'd.tar': Buffer.alloc(0),
    'e.tar': await compressed('zstd', Buffer.alloc(0)),
    'f.tar': await tar({ name: 'etc/hard', type: 'link', linkname: 'etc/motd' }),
  }
  const manifest = JSON.stringify([{ Layers: Object.keys(layers) }])
  const { error, files } = await made(
    await tar(...Object.entries(layers), ['manifest.json', manifest]),
  )
  expect(error).toBeUndefined()
  expect(await files('%y %P %n')).toEqual(['d etc 2', 'f etc/hard 2', 'f etc/motd 2'])
})

test('a plain root file system may contain a manifest.json', async () => {
  const { error, files } = await made(
    await tar(['etc/'], ['manifest.json', '[]'], ['etc/.wh.x', '']),
  )
  expect(error).toBeUndefined()
  expect(await files()).toEqual(['d etc', 'f etc/.wh.x', 'f manifest.json'])
})

test("a whiteout in a directory that replaces a link does not affect the link's target", async () => {
  const lower = await tar(['etc/'], ['etc/kept', 'lower\n'], ['link', '-> etc'])
  const upper = await tar(['link/'], ['link/.wh.kept'], ['link/new', 'upper\n'])
  const manifest = JSON.stringify([{ Layers: ['a.tar', 'b.tar'] }])
  const { error, files } = await made(
    await tar(['a.tar', lower], ['b.tar', upper], ['manifest.json', manifest]),
  )
  expect(error).toBeUndefined()
  expect(await files()).toEqual(['d etc', 'd link', 'f etc/kept', 'f link/new'])
})

/** An OCI layout of so many indexes, each of which leads to the next. */
async function indexes(count: number) {
  const entries: [string, string][] = []
  const layer = await tar(['etc/'])
  entries.push([`blobs/sha256/${digest(layer)}`, layer.toString('latin1')])
  let document: object = { layers: [{ digest: `sha256:${digest(layer)}` }] }
  for (let index = 0; index < count; index++) {
    const text = JSON.stringify(document)
    entries.push([`blobs/sha256/${digest(text)}`, text])
    document = { manifests: [{ digest: `sha256:${digest(text)}` }] }
  }
  return tar(['oci-layout', '{}'], ['index.json', JSON.stringify(document)], ...entries)
}

const NAMED = { RepoTags: ['other:2'], Layers: [] }
const oneLayer = async (...entries: readonly Entry[]) =>
  tar(['layer.tar', await tar(...entries)], ['manifest.json', '[{"Layers":["layer.tar"]}]'])

test.for([
  [() => dockerSave(NAMED), 'TREE_ARCHIVE', 'contains 2 images: small:1, other:2'],
  [
    () => ociLayout('arm64be'),
    'TREE_ARCHIVE',
    `contains an image for linux/mips, linux/arm64be, but this machine is linux/${imageArchitecture()}`,
  ],
  [
    () => ociLayout(imageArchitecture(), true),
    'TREE_CHECKSUM',
    'in the image has the wrong sha256',
  ],
  [
    () =>
      tar(
        ['c.json', '{"architecture":"mips"}'],
        ['manifest.json', '[{"Layers":[],"Config":"c.json"}]'],
      ),
    'TREE_ARCHIVE',
    'contains an image for linux/mips',
  ],
  [
    () =>
      tar(
        ['c.json', JSON.stringify({ os: 'windows', architecture: imageArchitecture() })],
        ['manifest.json', '[{"Layers":[],"Config":"c.json"}]'],
      ),
    'TREE_ARCHIVE',
    `contains an image for windows/${imageArchitecture()}, but this machine is linux/`,
  ],
  [async () => oneLayer(), 'TREE_ARCHIVE', 'is empty'],
  [() => indexes(4), 'TREE_ARCHIVE', 'has a chain of more than 4 indexes'],
  [
    () => tar(['manifest.json', '[{']),
    'TREE_ARCHIVE',
    'refers to "manifest.json", which cannot be read: ',
  ],
  [
    () => tar(['manifest.json', '{}']),
    'TREE_ARCHIVE',
    'its manifest.json is incomplete or invalid',
  ],
  [
    () => tar(['manifest.json', '[{"Layers":["../../../etc/passwd"]}]']),
    'TREE_ARCHIVE',
    'refers to "../../../etc/passwd", which cannot be read: there is no such file',
  ],
  [
    () => tar(['layer.tar', '-> /etc/passwd'], ['manifest.json', '[{"Layers":["layer.tar"]}]']),
    'TREE_ARCHIVE',
    'refers to "layer.tar", which cannot be read: there is no such file',
  ],
  [
    () => oneLayer(['etc/'], ['etc/.wh...']),
    'TREE_ARCHIVE',
    'deletes something that is not a file',
  ],
  [() => oneLayer(['a', '-> /etc'], ['a/.wh.passwd']), 'TREE_ARCHIVE', 'which is absolute'],
] as const)(
  'an image that is invalid or for another machine is refused: %#',
  async ([image, code, says]) => {
    const { error } = await made(await image())
    expect(error).toMatchObject({
      code,
      message: expect.stringContaining(says),
      details: { fix: expect.stringMatching(/./) },
    })
  },
)

test('an image may be behind three indexes', async () => {
  expect((await made(await indexes(3))).error).toBeUndefined()
})
