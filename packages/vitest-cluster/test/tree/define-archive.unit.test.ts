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

test('rpmTree() accepts repositories in the forms of dnf', () => {
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

/** A tree whose repository has other fields. */
function withRepository(other: Partial<Parameters<typeof rpmBase>[0]['repositories'][number]>) {
  return rpmBase({ repositories: [{ ...repository, ...other }], packages: ['bash'] })
}

// Definitions may be written without TypeScript
const wrong = (value: unknown) => value as never

test.for([
  [() => archiveBase(wrong(undefined)), 'archiveTree: source is missing'],
  [() => archiveBase(''), 'source is "", which is not a path or a URL'],
  [() => archiveBase(URL_), 'has no sha256'],
  [() => archiveBase(URL_, { sha256: 'abc' }), 'sha256 is "abc", which is not a digest'],
  [() => archiveBase('rootfs.tar', { sha256: '' }), 'sha256 is ""'],
  [
    () => archiveBase('rootfs.tar', { sha256: `0${SHA256}` }),
    `archiveTree('rootfs.tar'): sha256 is `,
  ],
  [() => archiveBase('rootfs.tar', { sha256: `${SHA256}0` }), `sha256 is "${SHA256}0"`],
  [() => archiveBase('rootfs.tar', { sha256: wrong([SHA256]) }), `sha256 is ["${SHA256}"]`],
  [() => archiveBase('ftp://example.org/x', { sha256: SHA256 }), 'which is not a valid URL'],
  [() => archiveBase('file://host/x'), 'which is not a path of this machine'],
  [() => rpmBase(wrong({ packages: ['bash'] })), 'repositories is missing'],
  [() => rpmBase({ repositories: [repository], packages: [] }), 'packages is empty'],
  [() => rpmBase({ repositories: [repository], packages: ['--nogpgcheck'] }), '"--nogpgcheck"'],
  [() => rpmBase({ repositories: [repository], packages: ['./x.rpm'] }), '"./x.rpm"'],
  [() => rpmBase({ repositories: [repository], packages: ['bash -y'] }), '"bash -y"'],
  [() => rpmBase({ repositories: [repository], packages: ['a/b'] }), '"a/b"'],
  [() => rpmBase({ repositories: [repository, repository], packages: ['bash'] }), "'base'"],
  [() => rpmBase({ repositories: [wrong(null)], packages: ['bash'] }), 'repositories[0] is null'],
  [() => rpmBase({ repositories: [wrong('os')], packages: ['bash'] }), 'repositories[0] is "os"'],
  [() => rpmBase({ repositories: [], packages: ['bash'] }), 'repositories is empty'],
  [() => rpmBase({ repositories: [repository], packages: [wrong(['bash'])] }), '["bash"]'],
  [() => withRepository({ id: 'main' }), 'repositories[0].id is "main"'],
  [() => withRepository({ id: wrong(7) }), 'id is 7'],
  [() => withRepository({ key: '' }), 'repositories[0].key is ""'],
  [() => withRepository({ key: 'a b' }), 'key is "a b", which has a blank'],
  [
    () => withRepository({ key: 'ftp://x/k' }),
    'repositories[0].key is "ftp://x/k", which is not a valid URL',
  ],
  [
    () => withRepository({ url: 'ftp://x/' }),
    'Use a URL that begins with http:// or https:// or file://.',
  ],
  [
    () => rpmBase({ repositories: [{ ...repository, id: 'a]\n[b' }], packages: ['bash'] }),
    'id is "a]\\n[b"',
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
    'which is not a valid URL',
  ],
  [() => rpmBase({ repositories: [repository], packages: ['bash'], release: '9 ' }), '"9 "'],
  [() => rpmBase({ repositories: [repository], packages: ['bash'], release: ' 9' }), '" 9"'],
  [
    () => rpmBase({ repositories: [repository], packages: ['bash'], release: wrong(['9']) }),
    '["9"]',
  ],
] as const)('an invalid archive or repository is refused: %#', ([define, says]) => {
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
