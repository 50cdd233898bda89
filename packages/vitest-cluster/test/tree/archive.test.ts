// @module-tag user
import { randomBytes } from 'node:crypto'
import { mkdir, readdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { expect, test, vi } from 'vitest'
import { archiveBase } from '../../src/definition/tree-archive.ts'
import { isClusterError } from '../../src/errors.ts'
import { unpackTree } from '../../src/tree/archive/unpack.ts'
import { archiveStep } from '../../src/tree/base/archive.ts'
import { temporaryDirectory } from '../helpers/temporary.ts'
import { stepBuild } from './step-build.ts'
import { compressed, digest, type Entry, tar } from './tars.ts'

/** Makes a tree of an archive's bytes. */
async function made(bytes: Buffer, options: { sha256?: string; uids?: 'one' } = {}) {
  const place = await stepBuild(options.uids ? { uids: options.uids } : {})
  await writeFile(join(place.build.baseDirectory, 'rootfs.tar'), bytes)
  const { sha256 } = options
  const step = archiveStep(archiveBase('rootfs.tar', sha256 === undefined ? {} : { sha256 }))
  const error = await step.make(place.build).then(
    () => undefined,
    (cause: unknown) => cause,
  )
  return { ...place, step, error }
}

const SMALL: readonly Entry[] = [
  ['./'],
  ['etc/'],
  ['etc/hostname', 'small\n'],
  ['usr/bin/'],
  ['bin', '-> usr/bin'],
  ['etc/absolute', '-> /usr/bin/true'],
  { name: 'usr/bin/su', mode: 0o4755, uid: 0 },
  { name: 'etc/again', type: 'link', linkname: 'etc/hostname' },
]
const FILES = [
  'd etc',
  'd usr',
  'd usr/bin',
  'f etc/again',
  'f etc/hostname',
  'f usr/bin/su',
  'l bin',
  'l etc/absolute',
]

test.for(['gzip', 'xz', 'zstd'] as const)(
  'an archive compressed with %s is unpacked',
  async (program) => {
    const { error, files, text } = await made(await compressed(program, await tar(...SMALL)))
    expect(error).toBeUndefined()
    expect(await files()).toEqual(FILES)
    expect(await text('etc/hostname')).toBe('small')
  },
)

test('a plain tar is unpacked with its owners, modes and links', async () => {
  // whichever numbers these accounts have on this machine
  const names = { uname: 'nobody', gname: 'nogroup' }
  const ids = { uid: 8, gid: 12, ...names }
  const owned = { name: 'var/mail', mode: 0o2775, ...ids, type: 'directory' as const }
  const { error, files, said } = await made(await tar(...SMALL, owned))
  expect(error).toBeUndefined()
  const all = await files('%m %U:%G %n %P')
  expect(all).toContain('4755 0:0 1 usr/bin/su')
  expect(all).toContain('644 0:0 2 etc/again')
  const { build } = await stepBuild()
  if (build.uids === 'many')
    expect(all).toContainEqual(expect.stringMatching(/^2775 8:12 . var\/mail$/))
  expect(said).toEqual(['checking rootfs.tar', 'unpacking rootfs.tar'])
})

test('with one uid all files belong to it', async () => {
  const { error, files } = await made(await tar(...SMALL, { name: 'big', uid: 1_000_000 }), {
    uids: 'one',
  })
  expect(error).toBeUndefined()
  expect(new Set(await files('%U'))).toEqual(new Set(['0']))
})

const ESCAPES: Record<string, { entries: readonly Entry[]; says: string }> = {
  'a name with ..': {
    entries: [['../../escaped', 'x']],
    says: `its member "../../escaped" has a name with '..'`,
  },
  'an absolute name': {
    entries: [['/tmp/vct-escaped', 'x']],
    says: 'its member "/tmp/vct-escaped" has an absolute name',
  },
  'a member through an absolute link': {
    entries: [
      ['out', '-> /tmp'],
      ['out/vct-escaped', 'x'],
    ],
    says: 'its member "out/vct-escaped" passes through the symbolic link "out" to "/tmp", which is absolute',
  },
  'a member through a chain of links that climbs': {
    entries: [['a/'], ['a/b', '-> ..'], ['c', '-> a/b/..'], ['c/vct-escaped', 'x']],
    says: 'its member "c/vct-escaped" passes through the symbolic link "a/b" to "..", which leads out of the tree',
  },
  'a hard link to the outside': {
    entries: [{ name: 'passwd', type: 'link', linkname: '../../../../etc/passwd' }],
    says: `its member "passwd" is a hard link to "../../../../etc/passwd", a name with '..'`,
  },
  'a hard link through a link': {
    entries: [['out', '-> /etc'], { name: 'passwd', type: 'link', linkname: 'out/passwd' }],
    says: 'its member "passwd" passes through the symbolic link "out" to "/etc", which is absolute',
  },
  'a circular link': {
    entries: [
      ['a', '-> b'],
      ['b', '-> a'],
      ['a/x', 'x'],
    ],
    says: 'its member "a/x" passes through the symbolic link "a" to "b", which leads in a circle',
  },
  'a device': {
    entries: [{ name: 'etc/sda', type: 'block-device', devmajor: 8, devminor: 0 }],
    says: 'its member "etc/sda" is a device node',
  },
  'a link in place of the tree': {
    entries: [['.', '-> /etc']],
    says: 'its member "." would replace the tree itself',
  },
}

test.for(Object.entries(ESCAPES))(
  'an archive with %s is refused',
  async ([, { entries, says }]) => {
    const { error, build } = await made(await tar(...SMALL, ...entries))
    expect(error).toMatchObject({ code: 'TREE_ARCHIVE' })
    expect(isClusterError(error) && error.details.message).toContain(says)
    // The whole archive is checked before anything is unpacked
    expect(await readdir(build.directory)).not.toContain('root')
    for (const path of ['/tmp/vct-escaped', join(build.directory, '../../escaped')])
      await expect(stat(path)).rejects.toThrow('ENOENT')
  },
)

test('a hostile archive that is not checked cannot write outside of the tree either', async () => {
  for (const { entries } of Object.values(ESCAPES)) {
    const { build } = await stepBuild()
    const file = join(build.baseDirectory, 'rootfs.tar')
    await writeFile(file, await tar(...SMALL, ...entries))
    // Whether tar(1) fails or not: a difference between our reader and tar(1) must not matter
    await unpackTree(build, file, { layer: false }).catch(() => {})
    for (const path of ['/tmp/vct-escaped', join(build.directory, '../../escaped')])
      await expect(stat(path)).rejects.toThrow('ENOENT')
  }
})

test('owners that no tree can have are refused', async () => {
  const { error, build } = await made(await tar({ name: 'file', uid: 100_000 }))
  // With one uid all files belong to it
  if (build.uids === 'one') return expect(error).toBeUndefined()
  expect(error).toMatchObject({
    code: 'TREE_ARCHIVE',
    message: expect.stringContaining('its member "file" belongs to uid 100000'),
  })
})

// With one uid, root's build is root on the host: owners alone would not protect the host's files
test.for([
  ['', {}],
  [' where there is one uid', { uids: 'one' }],
] as const)('tar can write only to the tree%s', async ([, options]) => {
  const { build } = await stepBuild(options)
  const outside = join(build.directory, 'outside')
  const argv = [
    'sh',
    '-c',
    `echo x >../escaped; echo x >/usr/escaped; echo x >/escaped; echo x >inside; ls / ${outside}`,
  ]
  await build.onHost(['mkdir', 'outside'])
  const result = await build.onHost(['sh', 'confined.sh', 'root', ...argv])
  expect(result.stdout.split('\n')).toEqual(expect.arrayContaining(['here', 'usr']))
  expect(result.stdout).not.toMatch(/etc|home|proc|tmp|vct/)
  expect(await readdir(join(build.directory, 'root'))).toEqual(['inside'])
  expect(await readdir(build.directory)).not.toContain('escaped')
  await expect(stat('/usr/escaped')).rejects.toThrow('ENOENT')
  await expect(stat('/escaped')).rejects.toThrow('ENOENT')
})

test('devices below /dev are left out, and only there', async () => {
  const { error, files } = await made(
    await tar(
      ['dev/'],
      { name: 'dev/null', type: 'character-device', devmajor: 1, devminor: 3 },
      ['./dev/pts/'],
      ['usr/lib/dev/'],
      ['usr/lib/dev/kept', 'x'],
    ),
  )
  expect(error).toBeUndefined()
  expect(await files()).toEqual([
    'd dev',
    'd usr',
    'd usr/lib',
    'd usr/lib/dev',
    'f usr/lib/dev/kept',
  ])
})

test('sparse files are unpacked, and their real names are checked', async () => {
  const directory = await temporaryDirectory()
  await execa('truncate', ['--size=1M', join(directory, 'holes')])
  const sparse = async (...argv: string[]) => {
    const options = ['--create', '--sparse', '--format=posix', '-C', directory, ...argv, 'holes']
    return Buffer.from((await execa('tar', options, { encoding: 'buffer' })).stdout)
  }
  const { error, files } = await made(await sparse())
  expect(error).toBeUndefined()
  expect(await files('%P %s')).toEqual(['holes 1048576'])
  const hostile = await made(await sparse('-P', '--transform=s,^,/tmp/vct-,'))
  expect(hostile.error).toMatchObject({
    code: 'TREE_ARCHIVE',
    message: expect.stringContaining('has an absolute name'),
  })
})

test('the root file system of an LXD or Incus image is taken from rootfs/, and other subdirectories are refused', async () => {
  const below = (directory: string) =>
    SMALL.map((entry): Entry => {
      if (!(Symbol.iterator in entry)) {
        const linkname = entry.linkname && { linkname: `${directory}/${entry.linkname}` }
        return { ...entry, name: `${directory}/${entry.name}`, ...linkname }
      }
      const [name, ...content] = entry
      return [`${directory}/${name}`, ...content]
    })
  const device = { name: './rootfs/dev/null', type: 'character-device' } as const
  const lxd = [['metadata.yaml', 'architecture: x86_64\n'], ['templates/']] as const
  const { error, files, text } = await made(await tar(...lxd, ...below('./rootfs'), device))
  expect(error).toBeUndefined()
  expect(await files()).toEqual(FILES)
  expect(await text('etc/again')).toBe('small')
  for (const [bytes, says] of [
    [await tar(...below('debian/root')), 'has its root file system in the directory "debian/root"'],
    [await tar(...below('root')), 'in the directory "root"'],
    [await tar(...lxd), 'contains only the metadata of an LXD or Incus image'],
    [Buffer.from('hsqs\0\0\0\0'), 'is a squashfs file, which is not supported'],
  ] as const)
    expect((await made(bytes)).error).toMatchObject({
      code: 'TREE_ARCHIVE',
      message: expect.stringContaining(says),
      details: { fix: expect.stringMatching(/./) },
    })
})

test.for([undefined, 'one'] as const)(
  'capabilities and user attributes are kept, and those of overlayfs removed (uids: %s)',
  async (uids) => {
    // Version 2, cap_net_raw=ep (linux/capability.h)
    const capability = `\x01\0\0\x02\0\x20${'\0'.repeat(14)}`
    const file = {
      name: 'usr/bin/ping',
      mode: 0o755,
      pax: {
        'SCHILY.xattr.security.capability': capability,
        'SCHILY.xattr.user.note': 'kept',
        'SCHILY.xattr.user.overlay.opaque': 'y',
        'SCHILY.xattr.trusted.x': 'x',
      },
    }
    const { error, build } = await made(await tar(['etc/'], file), uids ? { uids } : {})
    expect(error).toBeUndefined()
    const argv = ['tar', '--create', '--format=posix', '--xattrs', '--xattrs-include=*']
    const { stdout } = await build.onHost([...argv, '-C', 'root', 'usr/bin/ping'])
    expect(stdout.match(/SCHILY[.]xattr[.][^=]*/g)?.sort()).toEqual([
      'SCHILY.xattr.security.capability',
      'SCHILY.xattr.user.note',
    ])
  },
)

test.for([
  ['a truncated gzip', async () => (await compressed('gzip', await large())).subarray(0, 50_000)],
  ['a truncated xz', async () => (await compressed('xz', await large())).subarray(0, 50_000)],
  ['a truncated zstd', async () => (await compressed('zstd', await large())).subarray(0, 50_000)],
  ['a tar that was cut off after a member', async () => (await large()).subarray(0, -1024)],
  ['a truncated tar', async () => (await large()).subarray(0, 50_000)],
  // The tar is complete, and only the program reports the error
  ['a gzip with another length', async () => withOtherEnd(await compressed('gzip', await large()))],
  ['text', async () => Buffer.from('<html>not found</html>'.repeat(100))],
  ['nothing', async () => Buffer.alloc(0), /^is empty$/],
  [
    'a zip',
    async () => Buffer.from('504b030414000000', 'hex'),
    /^is a zip file, which is not supported$/,
  ],
] as const)(
  'a broken archive is refused: %s',
  async ([, bytes, says = /^is broken or not a tar: ./]) => {
    const { error, build } = await made(await bytes())
    expect(error).toMatchObject({
      code: 'TREE_ARCHIVE',
      details: { message: expect.stringMatching(says), fix: expect.stringMatching(/./) },
    })
    expect(await readdir(build.directory)).not.toContain('root')
  },
)

test('the error for a compressed archive is the refused member, not the interrupted program', async () => {
  const noise = randomBytes(500_000)
  for (const program of ['gzip', 'zstd'] as const) {
    const bytes = await tar(['etc/'], ['../x', ''], ['etc/noise', noise])
    const { error } = await made(await compressed(program, bytes))
    expect(isClusterError(error) && error.details.message).toBe(
      `its member "../x" has a name with '..'`,
    )
  }
})

test('an archive that tar(1) cannot unpack is an error, also if it is harmless', async () => {
  const { error } = await made(await tar(['etc', 'a file\n'], ['etc/passwd', '']))
  expect(error).toMatchObject({
    code: 'TREE_FAILED',
    details: { log: expect.arrayContaining([expect.stringContaining('etc/passwd')]) },
  })
})

/** gzip's last four bytes are the length of its content (RFC 1952). */
function withOtherEnd(bytes: Buffer): Buffer {
  bytes.fill(1, bytes.length - 4)
  return bytes
}

async function large(): Promise<Buffer> {
  return tar(['etc/'], ['etc/noise', randomBytes(100_000)])
}

test("the archive's sha256 is the step's input, and is checked if it is given", async () => {
  const bytes = await tar(...SMALL)
  const { build, step } = await made(bytes)
  expect(await step.inputs(build)).toEqual({ sha256: digest(bytes) })
  const wrong = '0'.repeat(64)
  const { error, build: other } = await made(bytes, { sha256: wrong })
  expect(error).toMatchObject({
    code: 'TREE_CHECKSUM',
    message: expect.stringMatching(`expected: ${wrong}\n.*found: {4}${digest(bytes)}`),
  })
  expect(await readdir(other.directory)).toEqual([])
})

test('a missing program for unpacking is reported with its package', async () => {
  const bytes = await compressed('zstd', await tar(...SMALL))
  vi.stubEnv('PATH', await temporaryDirectory())
  const { error } = await made(bytes).finally(() => vi.unstubAllEnvs())
  expect(error).toMatchObject({
    code: 'MISSING_PROGRAM',
    details: {
      message: 'zstd, which decompresses the archive, is not installed',
      fix: expect.stringContaining('apt-get install zstd'),
    },
  })
})

test('an archive that is missing or a directory is reported with its path', async () => {
  const { build } = await stepBuild()
  await mkdir(join(build.baseDirectory, 'rootfs'))
  for (const name of ['gone.tar', 'rootfs']) {
    await expect(archiveStep(archiveBase(name)).inputs(build)).rejects.toMatchObject({
      code: 'UNREADABLE_FILE',
      message: expect.stringContaining(
        `archive ${name}: cannot read ${build.baseDirectory}/${name}`,
      ),
    })
  }
})
