import { join } from 'node:path'
import { execa } from 'execa'
import { expect, onTestFinished, test, vi } from 'vitest'
import { defineCluster, defineService, openSession } from '../../src/index.ts'
import type { Tree } from '../../src/tree/define.ts'
import { verifyTree } from '../../src/tree/make/verify.ts'
import { archiveTree, command, files } from '../../src/tree.ts'
import { temporaryDirectory } from '../helpers/temporary.ts'
import { busyboxTree, Cache } from '../helpers/trees.ts'

/** Names that a program or an encoding could interpret, as bytes in latin1. */
const NAMES = [
  ...['caf\xe9', '\xff', '\xed\xb2\x80', 'caf\xe9caf\xc3\xa9'],
  // The same letter composed and decomposed, and the replacement character for bytes that are not UTF-8
  ...['\xc3\xa9', 'e\xcc\x81', '\xef\xbf\xbd', '\xf0\x9f\x98\x80'],
  ...[
    'a\nb',
    'back\\slash',
    'q"uo\'te',
    '-dash',
    'sp ace ',
    'per%cent',
    'tab\tx',
    'new\r',
    '\x1b[31m',
  ],
  ...[
    '*',
    '?',
    '[x]',
    '$HOME',
    '~',
    '{a,b}',
    ';x',
    '|p',
    '&',
    '#h',
    '...',
    '.hidden',
    'con:x',
    'x'.repeat(255),
  ],
]

/** A directory `src` with all these names: of files, directories, links and targets. */
async function odd(directory: string): Promise<void> {
  const code = `import os, sys
os.mkdir(b'src')
os.chdir(b'src')
for name in [name.encode('latin1') for name in sys.argv[1:]]:
    with open(name, 'wb') as file: file.write(name)
    os.mkdir(b'in')
    for to in (b'in/' + name, b'in/h'): os.link(name, to)
    os.symlink(name, b'in/l')
    os.rename(b'in', (b'd-' + name)[:255])`
  await execa('python3', ['-c', code, ...NAMES], { cwd: directory, env: { PYTHONUTF8: '1' } })
}

/** All paths with types, targets and contents, as bytes. */
async function listed(directory: string): Promise<string> {
  const script =
    "find . -printf '%y %P %l\\0' | LC_ALL=C sort -z; find . -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum --zero"
  const { stdout } = await execa('sh', ['-c', script], { cwd: directory, encoding: 'latin1' })
  return stdout
}

test('files of any name are copied from directories, inputs and archives, verified and removed', async () => {
  const baseDirectory = await temporaryDirectory()
  await odd(baseDirectory)
  const wanted = await listed(join(baseDirectory, 'src'))
  const { tree } = await busyboxTree()
  const cache = await Cache.open()
  const has = async (one: Tree) => {
    const { path } = await cache.build(one, { baseDirectory })
    expect((await listed(join(path, 'srv/data'))) === wanted).toBe(true)
    return path
  }
  const layer = (more = {}) => tree.with(files({ '/srv/data': { from: 'src' }, ...more }))
  await has(layer())
  // A file that is written into the earlier version
  await has(layer({ '/etc/x': 'x' }))
  await verifyTree(layer({ '/etc/x': 'x' }), { store: cache.store, baseDirectory })
  const copying = tree.with(
    command(['sh', '-c', 'mkdir /srv; cp -a src /srv/data'], { inputs: ['src'] }),
  )
  await has(copying)
  await verifyTree(copying, { store: cache.store, baseDirectory })
  for (const format of ['gnu', 'posix']) {
    const argv = [
      '-cf',
      `${format}.tar`,
      `--format=${format}`,
      '--transform=s,^src,srv/data,',
      'src',
    ]
    await execa('tar', argv, { cwd: baseDirectory })
    await has(archiveTree(`${format}.tar`))
  }

  // Files that a command removes, or that are no longer in the directory, are removed
  const removing = copying.with(command(['sh', '-c', 'cd /srv/data && rm -r ./* ./.[!.]* ./...']))
  expect(
    await listed(join((await cache.build(removing, { baseDirectory })).path, 'srv/data')),
  ).toMatch(/^d {2}\0[^/]*$/)
  const code = "import os; os.rename(b'src/caf\\xe9', b'src/caf\\xea')"
  await execa('python3', ['-c', code], { cwd: baseDirectory })
  const renamed = await cache.build(layer({ '/etc/x': 'x' }), { baseDirectory })
  expect(cache.begun).toEqual([
    'files (2): changed: file /srv/data/caf\\351, file /srv/data/caf\\352',
  ])
  expect(
    (await listed(join(renamed.path, 'srv/data'))) === (await listed(join(baseDirectory, 'src'))),
  ).toBe(true)
})

test("any name may be in a command's output, a URL and a layer with owners", async () => {
  const baseDirectory = await temporaryDirectory()
  await execa('python3', ['-c', "open(b'caf\\xe9', 'w').write('one')"], { cwd: baseDirectory })
  const { tree } = await busyboxTree()
  const cache = await Cache.open()
  const from = new URL(`file://${baseDirectory}/caf%E9`)
  const script = 'printf "caf\\351 \\377\\n"; printf "caf\\351" >"/etc/$(printf "n\\351")"'
  const { path } = await cache.build(
    tree.with(files({ '/etc/one': { from } }), command(['sh', '-c', script])),
    { baseDirectory },
  )
  expect(cache.events.map(({ message }) => message)).toContain('caf\ufffd \ufffd')
  expect(await listed(join(path, 'etc'))).toContain('f n\xe9 \0')
  const failing = cache.build(tree.with(command(['sh', '-c', `${script}; exit 1`])))
  await expect(failing).rejects.toMatchObject({
    code: 'TREE_FAILED',
    details: { log: ['caf\ufffd \ufffd'] },
  })
  const gone = tree.with(files({ '/etc/one': { from: new URL('file:///gone/caf%E9') } }))
  await expect(cache.build(gone)).rejects.toMatchObject({
    code: 'UNREADABLE_FILE',
    message: expect.stringContaining('cannot read /gone/caf\\351: '),
  })
  const far = tree.with(files({ '/etc/one': { from: new URL('https://example.org/x') } }))
  await expect(cache.build(far)).rejects.toMatchObject({ code: 'UNREADABLE_FILE' })
})

test('a path that is too long for a file system is an error with the path', async () => {
  const { tree } = await busyboxTree()
  const cache = await Cache.open()
  expect(() => files({ [`/${'é'.repeat(128)}/x`]: '' })).toThrow(
    'which has a name longer than 255 bytes',
  )
  const long = tree.with(files({ [`/srv${'/xxxxxxxxx'.repeat(350)}`]: '' }))
  await expect(cache.build(long)).rejects.toMatchObject({
    code: 'INVALID_DEFINITION',
    message: expect.stringMatching(
      / "\/srv\/xxx.*….*xxx" has 3503 bytes, and a path of a tree may have 3500/,
    ),
  })
})

test('a session shows files of any name, and a mount that systemd cannot name is an error', async () => {
  const baseDirectory = await temporaryDirectory()
  await odd(baseDirectory)
  vi.stubEnv('XDG_CACHE_HOME', await temporaryDirectory())
  onTestFinished(() => void vi.unstubAllEnvs())
  const { tree } = await busyboxTree()
  const cluster = (at: string) =>
    defineCluster({
      isolation: 'chroot',
      tree: tree.with(files({ [at]: { from: 'src' } })),
      services: {
        box: defineService({
          kind: 'box',
          command: () => ['sleep', 'infinity'],
          ready: 'started',
          handle: ({ exec }) => ({ run: (...argv: string[]) => exec(argv) }),
        }),
      },
    })
  const session = await openSession(cluster('/usr/share/odd'), { baseDirectory })
  const { run } = await session.handle('box')
  const script = 'cd /usr/share/odd; for f in * .h* ...; do [ -d "$f" ] || cat "./$f"; done | wc -c'
  const { stdout } = await run('sh', '-c', script)
  await session.close()
  expect(Number(stdout)).toBe(NAMES.join('').length)
  await expect(openSession(cluster('/var'), { baseDirectory })).rejects.toMatchObject({
    code: 'INVALID_DEFINITION',
    message: expect.stringMatching(
      /^the path "\/var\/.*" of the tree cannot be mounted in a session/,
    ),
  })
})
