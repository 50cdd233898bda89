import { expect, test } from 'vitest'
import {
  checkArchitecture,
  dockerImage,
  imageArchitecture,
  isImage,
  ociImage,
} from '../../../src/tree/archive/image.ts'
import { refusal } from '../../helpers/refusal.ts'

const SHA = 'ab'.repeat(32)
const blob = (letter: string) => ({ digest: `sha256:${letter.repeat(64)}` })
const at = (letter: string) => ({
  path: `blobs/sha256/${letter.repeat(64)}`,
  sha256: letter.repeat(64),
})
const platform = (architecture: string, os = 'linux') => ({ platform: { os, architecture } })
const named = (name: string) => ({ annotations: { 'org.opencontainers.image.ref.name': name } })

test.for([
  [['manifest.json'], true],
  [['index.json', 'oci-layout'], true],
  [['index.json'], false],
  [['oci-layout'], false],
  [['manifest.json', 'etc'], false],
  [['manifest.json', 'bin'], false],
  [['index.json', 'oci-layout', 'usr'], false],
  [[], false],
] as const)('files %j are recognized as an image: %s', ([names, image]) => {
  expect(isImage((name) => (names as readonly string[]).includes(name))).toBe(image)
})

test("architectures have Go's names", () => {
  expect(['x64', 'ia32', 'ppc64', 'arm64', 'riscv64'].map(imageArchitecture)).toEqual([
    'amd64',
    '386',
    'ppc64le',
    'arm64',
    'riscv64',
  ])
})

test('the manifest of docker save is read', () => {
  const layers = [{ path: 'a/layer.tar' }, { path: 'b/layer.tar' }]
  const Layers = layers.map(({ path }) => path)
  expect(dockerImage([{ Layers, Config: 'c.json' }])).toEqual({
    layers,
    config: { path: 'c.json' },
  })
  expect(dockerImage([{ Layers: [] }])).toEqual({ layers: [], config: undefined })
  expect(dockerImage([null, { Layers, Config: 7 }])).toEqual({ layers, config: undefined })
})

test.for([undefined, null, {}, [], [7], [{}], [{ Layers: 'a' }], [{ Layers: ['a', 7] }]])(
  'a manifest without valid layers is refused: %j',
  (manifest) => {
    expect(refusal(() => dockerImage(manifest))).toMatchObject({
      code: 'TREE_ARCHIVE',
      message: 'looks like an image, but its manifest.json is incomplete or invalid',
      fix: expect.stringContaining('docker save NAME'),
    })
  },
)

test('an archive of several images is refused', () => {
  const both = [{ RepoTags: ['a:1', 'a:2'], Layers: [] }, { Layers: [] }]
  expect(refusal(() => dockerImage(both))).toMatchObject({
    code: 'TREE_ARCHIVE',
    message: 'contains 2 images: a:1,a:2, (no name)',
    fix: expect.stringContaining('an archive of a single image'),
  })
})

test("an OCI manifest lists an image's layers from the lowest up", () => {
  const layers = [blob('a'), blob('b')]
  const image = { layers: [at('a'), at('b')], config: undefined }
  expect(ociImage({ layers }, 'amd64')).toEqual(image)
  expect(ociImage({ layers, config: blob('c') }, 'amd64')).toEqual({ ...image, config: at('c') })
})

test('an OCI index leads to the image for this machine', () => {
  const next = (...manifests: readonly unknown[]) => ociImage({ manifests }, 'amd64')
  const attestation = { ...blob('0'), ...platform('unknown', 'unknown') }
  expect(next(blob('a'))).toEqual({ next: at('a') })
  expect(
    next(null, { ...blob('b'), ...platform('arm64') }, attestation, {
      ...blob('a'),
      ...platform('amd64'),
    }),
  ).toEqual({ next: at('a') })
  expect(next({ ...blob('a'), platform: null })).toEqual({ next: at('a') })
  const sha512 = 'c'.repeat(128)
  expect(next({ digest: `sha512:${sha512}` })).toEqual({
    next: { path: `blobs/sha512/${sha512}`, sha256: undefined },
  })
})

test.for([
  [
    {
      manifests: [
        { ...blob('a'), ...platform('arm64') },
        { ...blob('b'), ...platform('arm64') },
        { ...blob('c'), ...platform('amd64', 'windows') },
      ],
    },
    'contains an image for linux/arm64, windows/amd64, but this machine is linux/amd64',
  ],
  [
    { manifests: [{ ...blob('a'), ...named('one') }, blob('b')] },
    'contains 2 images: one, (no name)',
  ],
  [
    {
      manifests: [
        { ...blob('a'), annotations: null },
        { ...blob('b'), annotations: {} },
      ],
    },
    'contains 2 images: (no name), (no name)',
  ],
  [{ manifests: [] }, 'its index.json is incomplete or invalid'],
  [
    { manifests: [{ ...blob('a'), ...platform('unknown', 'unknown') }] },
    'its index.json is incomplete or invalid',
  ],
  [{ manifests: 'a' }, 'its index.json is incomplete or invalid'],
  [{}, 'its index.json is incomplete or invalid'],
  [null, 'its index.json is incomplete or invalid'],
  ['text', 'its index.json is incomplete or invalid'],
  [{ manifests: [{}] }, 'its manifest is incomplete or invalid'],
  [{ layers: [blob('a'), null] }, 'its manifest is incomplete or invalid'],
  [{ layers: [], config: { digest: '../../etc/passwd' } }, 'its manifest is incomplete or invalid'],
  [{ layers: [{ digest: `sha256:${SHA}/../../x` }] }, 'its manifest is incomplete or invalid'],
  [{ layers: [{ digest: `x-sha256:${SHA}` }] }, 'its manifest is incomplete or invalid'],
  [{ layers: [{ digest: `md5:${SHA}` }] }, 'its manifest is incomplete or invalid'],
  [{ layers: [{ digest: 'sha256:abc' }] }, 'its manifest is incomplete or invalid'],
] as const)('an OCI document without a usable image is refused: %#', ([document, says]) => {
  expect(refusal(() => ociImage(document, 'amd64'))).toMatchObject({
    code: 'TREE_ARCHIVE',
    message: expect.stringContaining(says),
  })
})

test('an image for another machine is refused, one without an architecture is accepted', () => {
  for (const config of [
    { architecture: 'amd64' },
    { architecture: '' },
    { architecture: 7 },
    {},
    null,
  ])
    expect(checkArchitecture(config, 'amd64')).toBeUndefined()
  expect(refusal(() => checkArchitecture({ architecture: 'arm64' }, 'amd64'))).toEqual({
    code: 'TREE_ARCHIVE',
    message: 'contains an image for linux/arm64, but this machine is linux/amd64',
    fix: 'Pull it for this machine: docker pull --platform linux/amd64 NAME.',
  })
})
