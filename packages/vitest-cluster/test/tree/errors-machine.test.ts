import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, chown, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, onTestFinished, test } from 'vitest'
import type { TreeDefinition } from '../../src/definition/tree.ts'
import { command, files } from '../../src/definition/tree-layers.ts'
import { debianTree } from '../../src/tree/define.ts'
import { mirrorOf } from '../helpers/deb-mirror.ts'
import { SCREEN } from '../helpers/failure.ts'
import { processesAt } from '../helpers/half-made.ts'
import {
  areSysctlsClosed,
  forbidden,
  inSituation,
  ONLY_ROOT,
  ORDINARY,
  ROOT,
  type Situation,
  skipWhen,
} from '../helpers/situation.ts'
import { temporaryDirectory } from '../helpers/temporary.ts'
import { busyboxTree } from '../helpers/trees.ts'

/** The result that a process which built a tree has printed. */
interface Result {
  readonly code?: string
  readonly message?: string
  readonly digest?: string
  /** What its cache had afterwards besides complete entries. */
  readonly left: readonly string[]
}

/** Builds trees one after another on a machine that differs from this one. */
async function builtIn(
  situation: Situation,
  store: string,
  ...trees: readonly TreeDefinition[]
): Promise<Result[]> {
  const definitions = trees.map((tree) => JSON.stringify(tree))
  const [program = '', ...argv] = inSituation(situation, './builds-trees.ts', store, ...definitions)
  const child = spawn(program, argv, { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const said: Result[] = []
  createInterface({ input: child.stdout }).on('line', (line) => said.push(JSON.parse(line)))
  await once(child, 'close')
  expect(said).toHaveLength(trees.length)
  for (const { message = '' } of said)
    expect(message.split('\n').length).toBeLessThanOrEqual(SCREEN)
  return said
}

test('a disk that fills up at any step is reported, and the build succeeds once there is space', async ({
  skip,
}) => {
  skipWhen(skip, !ROOT, ONLY_ROOT)
  const { tree } = await busyboxTree()
  const store = await temporaryDirectory()
  const large = { from: join(await temporaryDirectory(), 'large') }
  await writeFile(large.from, Buffer.alloc(300_000))
  const layered = tree.with(
    files({ '/etc/motd': large }),
    command(['sh', '-c', 'head -c 1500000 /dev/zero >/var/lib/much']),
    files({ '/etc/more': large }),
  )
  const steps = new Set<string>()
  const inodes = ['nr_inodes=5', 'nr_inodes=12', 'nr_inodes=40']
  const sizes = ['4k', '48k', '1m', '2200k', '2600k', '3m', '4m', '5m'].map(
    (size) => `size=${size}`,
  )
  for (const option of [...inodes, ...sizes]) {
    const before = `mount -t tmpfs -o mode=711,${option} tmpfs "$1"`
    const [small] = await builtIn({ before, with: store }, `${store}/c/trees`, layered)
    if (small?.digest) break
    const code = inodes.includes(option) ? 'NO_INODES' : 'DISK_FULL'
    expect({ option, ...small }).toMatchObject({ option, code, left: [] })
    steps.add(`${small?.message}`.split(':')[0] ?? '')
  }
  // At the copy of the base, at each layer, and before these
  expect([...steps].map((step) => step.split(' ')[0])).toEqual(
    expect.arrayContaining(['the', 'directory', 'file', 'command']),
  )
  // builds-trees.ts enlarges the disk after the first build
  const before = 'mount -t tmpfs -o mode=711,size=1m tmpfs "$1"'
  const env = { GROWN: store }
  const [full, again] = await builtIn(
    { before, with: store, env },
    `${store}/c/trees`,
    layered,
    layered,
  )
  expect(full).toMatchObject({ code: 'DISK_FULL', left: [] })
  expect(again).toMatchObject({ digest: expect.any(String), left: [] })
})

test('a cache on a file system without user xattrs is an error', async ({ skip }) => {
  skipWhen(skip, !ROOT, ONLY_ROOT)
  const { tree } = await busyboxTree()
  const store = await temporaryDirectory()
  const before = 'mount -t ramfs -o mode=711 ramfs "$1"'
  const [, layered] = await builtIn(
    { before, with: store },
    `${store}/c/trees`,
    tree,
    tree.with(command(['true'])),
  )
  expect(layered).toMatchObject({ code: 'TREE_CACHE', left: [] })
  expect(layered?.message).toMatch(/user xattrs.*XDG_CACHE_HOME/s)
})

test('with one uid a tree with files of several accounts is an error at once, other trees are built', async ({
  skip,
}) => {
  skipWhen(skip, !ROOT, ONLY_ROOT)
  const { tree, path } = await busyboxTree()
  await chmod(path.replace(/\/root$/, ''), 0o755)
  const store = await temporaryDirectory()
  await chown(store, ORDINARY, ORDINARY)
  const through = ['setpriv', `--reuid=${ORDINARY}`, `--regid=${ORDINARY}`, '--clear-groups']
  const [debian, owner, plain] = await builtIn(
    { through, env: { HOME: store } },
    `${store}/c/trees`,
    debianTree({ suite: 'trixie' }),
    tree.with(files({ '/etc/x': { content: 'x', owner: 'daemon' } })),
    tree.with(files({ '/etc/x': 'x' }), command(['sh', '-c', 'cp /etc/x /etc/y'])),
  )
  for (const each of [debian, owner]) {
    expect(each).toMatchObject({ code: 'ISOLATION_UNAVAILABLE', left: [] })
    expect(each?.message).toMatch(
      /only one uid is available: .*subuid-range: .*sudo usermod --add-subuids/s,
    )
  }
  expect(owner?.message).toContain('file /etc/x: /etc/x and others belong to several accounts')
  expect(plain).toMatchObject({ digest: expect.any(String), left: [] })
})

test('a user namespace with too few uids for a tree is an error', async ({ skip }) => {
  skipWhen(skip, !ROOT, ONLY_ROOT)
  const { tree } = await busyboxTree()
  const store = await temporaryDirectory()
  const through = ['unshare', '--user', '--map-root-user']
  const [one] = await builtIn({ through }, `${store}/c/trees`, tree.with(command(['true'])))
  expect(one).toMatchObject({ code: 'ISOLATION_UNAVAILABLE', left: [] })
  expect(one?.message).toContain('root of this process is in a user namespace')
})

test('forbidden user namespaces are reported, and not the full disk that a program prints', async ({
  skip,
}) => {
  skipWhen(skip, !ROOT, ONLY_ROOT)
  skipWhen(skip, await areSysctlsClosed(), 'sysctls are read-only in this container')
  const { tree } = await busyboxTree()
  const store = await temporaryDirectory()
  const trees = tree.with(command(['true']))
  const [one] = await builtIn(await forbidden(), `${store}/c/trees`, trees)
  expect(one).toMatchObject({ code: 'ISOLATION_UNAVAILABLE', left: [] })
  expect(one?.message).toMatch(/user-namespaces: forbidden .*sudo sysctl user.max_user_namespaces/s)
})

test('a missing mmdebstrap is reported with its package', async ({ skip }) => {
  skipWhen(skip, !ROOT, ONLY_ROOT)
  const work = await temporaryDirectory()
  const before = `mount -t tmpfs tmpfs "$1" && mkdir "$1/upper" "$1/work" "$1/c" && chmod 711 "$1" "$1/c"
    mount -t overlay -o "lowerdir=/usr/bin,upperdir=$1/upper,workdir=$1/work" overlay /usr/bin
    rm -f /usr/bin/mmdebstrap`
  const [one] = await builtIn(
    { before, with: work },
    `${work}/c/trees`,
    debianTree({ suite: 'trixie' }),
  )
  expect(one).toMatchObject({ code: 'MISSING_PROGRAM', left: [] })
  expect(one?.message).toContain('sudo apt-get install mmdebstrap')
})

test('kill -9 during the build of a Debian tree leaves no process, and nothing in /tmp', {
  tags: ['user'],
}, async () => {
  const { url, behave } = await mirrorOf(await temporaryDirectory())
  const asked = behave('silent')
  const store = await temporaryDirectory()
  const temporary = await temporaryDirectory()
  await chmod(temporary, 0o777)
  const [program = '', ...argv] = inSituation(
    { env: { TMPDIR: temporary } },
    './builds-trees.ts',
    `${store}/c/trees`,
    JSON.stringify(debianTree({ suite: 'trixie', mirror: url })),
  )
  const child = spawn(program, argv, { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  await asked
  expect((await processesAt(store)).length).toBeGreaterThan(1)
  child.kill('SIGKILL')
  await once(child, 'close')
  await expect.poll(() => processesAt(store), { timeout: 5_000, interval: 20 }).toEqual([])
  expect(await readdir(temporary)).toEqual([])
})
