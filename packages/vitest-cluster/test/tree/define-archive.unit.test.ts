import { expect, test } from 'vitest'
import { archiveBase, rpmBase } from '../../src/definition/tree-archive.ts'
import { isClusterError } from '../../src/errors.ts'

const SHA256 = 'AB'.repeat(32)
const URL_ = 'https://example.org/rootfs.tar.xz'

test('an archive is a path, or a URL with its digest', () => {
  expect(archiveBase('rootfs.tar')).toEqual({ kind: 'archive', source: 'rootfs.tar' })
  expect(archiveBase(new URL('file:///a%20b/rootfs.tar'))).toEqual({
    kind: 'archive',
    source: '/a b/rootfs.tar',
  })
  expect(archiveBase('profile:x.tar')).toEqual({ kind: 'archive', source: 'profile:x.tar' })
  const source = 'mirror/http://x.tar'
  expect(archiveBase(source)).toEqual({ kind: 'archive', source })
  const sha256 = SHA256.toLowerCase()
  expect(archiveBase(URL_, { sha256: SHA256 })).toEqual({ kind: 'archive', source: URL_, sha256 })
})

const repository = { id: 'base', url: 'https://example.org/$releasever/os/' }

test('a tree of RPM packages has repositories as dnf knows them', () => {
  const options = {
    repositories: [
      repository,
      { id: 'local', url: new URL('file:///srv/r'), key: 'file:///srv/k' },
      { id: 'far', url: 'http://example.org/', key: new URL('https://example.org/k') },
      { id: '9.a_b:c-d', url: 'https://example.org/', key: 'keys/file:k' },
    ],
    packages: ['bash', '@core', 'glibc-langpack-en', 'perl(Foo::Bar)'],
    release: '9',
  }
  expect(rpmBase(options)).toEqual({
    ...options,
    kind: 'rpm',
    repositories: [
      repository,
      { id: 'local', url: 'file:///srv/r', key: '/srv/k' },
      { id: 'far', url: 'http://example.org/', key: 'https://example.org/k' },
      { id: '9.a_b:c-d', url: 'https://example.org/', key: 'keys/file:k' },
    ],
  })
  const { release: _, ...others } = options
  expect(rpmBase(others)).not.toHaveProperty('release')
  expect(rpmBase({ ...others, release: '9-stream' })).toMatchObject({ release: '9-stream' })
})

/** A tree of a repository that has something else. */
function withRepository(other: Partial<Parameters<typeof rpmBase>[0]['repositories'][number]>) {
  return rpmBase({ repositories: [{ ...repository, ...other }], packages: ['bash'] })
}

// Not everybody's definition is seen by TypeScript
const wrong = (value: unknown) => value as never

test.for([
  [() => archiveBase(wrong(undefined)), 'names no archive'],
  [() => archiveBase(''), 'names no archive'],
  [() => archiveBase(URL_), 'has no sha256'],
  [() => archiveBase(URL_, { sha256: 'abc' }), 'has sha256: "abc"'],
  [() => archiveBase('rootfs.tar', { sha256: '' }), 'has sha256: ""'],
  [
    () => archiveBase('rootfs.tar', { sha256: `0${SHA256}` }),
    `archiveTree('rootfs.tar') has sha256`,
  ],
  [() => archiveBase('rootfs.tar', { sha256: `${SHA256}0` }), `has sha256: "${SHA256}0"`],
  [() => archiveBase('rootfs.tar', { sha256: wrong([SHA256]) }), `has sha256: ["${SHA256}"]`],
  [() => archiveBase('ftp://example.org/x', { sha256: SHA256 }), 'no address that can be read'],
  [() => archiveBase('file://host/x'), 'is no path of this machine'],
  [() => rpmBase(wrong({ packages: ['bash'] })), 'has no repositories'],
  [() => rpmBase({ repositories: [repository], packages: [] }), 'has no packages'],
  [() => rpmBase({ repositories: [repository], packages: ['--nogpgcheck'] }), '"--nogpgcheck"'],
  [() => rpmBase({ repositories: [repository], packages: ['./x.rpm'] }), '"./x.rpm"'],
  [() => rpmBase({ repositories: [repository], packages: ['bash -y'] }), '"bash -y"'],
  [() => rpmBase({ repositories: [repository], packages: ['a/b'] }), '"a/b"'],
  [() => rpmBase({ repositories: [repository, repository], packages: ['bash'] }), "'base'"],
  [() => rpmBase({ repositories: [wrong(null)], packages: ['bash'] }), 'that is none'],
  [() => rpmBase({ repositories: [wrong('os')], packages: ['bash'] }), 'that is none'],
  [() => rpmBase({ repositories: [], packages: ['bash'] }), 'has no repositories'],
  [() => rpmBase({ repositories: [repository], packages: [wrong(['bash'])] }), '["bash"]'],
  [() => withRepository({ id: 'main' }), `id: "main"`],
  [() => withRepository({ id: wrong(7) }), 'id: 7'],
  [() => withRepository({ key: '' }), `repository 'base' of rpmTree has key: ""`],
  [() => withRepository({ key: 'a b' }), 'has key: "a b"'],
  [
    () => withRepository({ key: 'ftp://x/k' }),
    `the key of repository 'base' of rpmTree has no address`,
  ],
  [() => withRepository({ url: 'ftp://x/' }), 'Use http://, https://, file://.'],
  [
    () => rpmBase({ repositories: [{ ...repository, id: 'a]\n[b' }], packages: ['bash'] }),
    'id: "a]\\n[b"',
  ],
  [
    () => rpmBase({ repositories: [{ ...repository, url: 'os/x86_64' }], packages: ['bash'] }),
    '"os/x86_64"',
  ],
  [
    () =>
      rpmBase({
        repositories: [{ ...repository, url: 'https://x/\ngpgcheck=0' }],
        packages: ['bash'],
      }),
    'no address that can be read',
  ],
  [() => rpmBase({ repositories: [repository], packages: ['bash'], release: '9 ' }), '"9 "'],
  [() => rpmBase({ repositories: [repository], packages: ['bash'], release: ' 9' }), '" 9"'],
  [
    () => rpmBase({ repositories: [repository], packages: ['bash'], release: wrong(['9']) }),
    '["9"]',
  ],
] as const)('refuses what is none: %#', ([define, says]) => {
  try {
    define()
  } catch (error) {
    expect(error).toMatchObject({ code: 'INVALID_DEFINITION' })
    expect(isClusterError(error) && error.message).toContain(says)
    expect(isClusterError(error) && error.details.fix).toBeTruthy()
    return
  }
  expect.unreachable('it was taken')
})
