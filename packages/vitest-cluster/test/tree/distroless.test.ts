import { copyFile, mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { expect, onTestFinished, test, vi } from 'vitest'
import { defineCluster, defineService, openSession, type ServiceInput } from '../../src/index.ts'
import { command, directoryTree } from '../../src/tree.ts'
import { temporaryDirectory } from '../helpers/temporary.ts'
import { treeFailures } from '../helpers/tree-failure.ts'
import { Cache } from '../helpers/trees.ts'

/** A tree with one static program, which is not in the usual PATH: no shell, no env. */
async function distroless() {
  const path = join(await temporaryDirectory(), 'root')
  for (const name of ['app', 'etc']) await mkdir(join(path, name), { recursive: true })
  await writeFile(join(path, 'etc/passwd'), 'root:x:0:0::/root:/sbin/nologin\n')
  await copyFile('/usr/bin/busybox', join(path, 'app/busybox'))
  await symlink('busybox', join(path, 'app/cp'))
  await writeFile(join(path, 'app/script'), '#!/bin/bash\n', { mode: 0o755 })
  await writeFile(join(path, 'app/plain'), '', { mode: 0o644 })
  return directoryTree(path)
}

test('a command runs in a tree that has only its program', async () => {
  const tree = await distroless()
  const cache = await Cache.open()
  const baseDirectory = await temporaryDirectory()
  await writeFile(join(baseDirectory, 'input'), 'input\n')
  const layered = tree.with(
    command(['/app/busybox', 'cp', 'input', '/etc/one'], { inputs: ['input'] }),
    // Another PATH, and a variable with a name that a shell rejects
    command(['cp', '/etc/one', '/etc/two'], { env: { PATH: '/app', 'discovery.type': 'x y' } }),
  )
  const { path } = await cache.build(layered, { baseDirectory })
  const { stdout } = await execa('sh', ['-c', 'cat etc/one etc/two'], { cwd: path })
  expect(stdout).toBe('input\ninput')
  const programs = ['make', '/app/script', '/app/plain']
  const failures = await treeFailures(
    cache,
    programs.map((program) => tree.with(command([program]))),
  )
  const absent = 'The tree lacks the program or its interpreter: add its package in a layer below.'
  expect(failures.map(({ details }) => details)).toMatchObject(
    [
      { code: 'TREE_FAILED', fix: absent, log: ['make: No such file or directory'] },
      { code: 'TREE_FAILED', fix: absent, log: ['/app/script: No such file or directory'] },
      { code: 'TREE_FAILED', fix: /executable/, log: ['/app/plain: Permission denied'] },
    ].map((each) => ({ ...each, fix: expect.stringMatching(each.fix) })),
  )
})

test("a readiness that needs programs of the tree is an error with their names, and ready: 'started' needs none", async () => {
  vi.stubEnv('XDG_CACHE_HOME', await temporaryDirectory())
  onTestFinished(() => void vi.unstubAllEnvs())
  const tree = await distroless()
  const cluster = (ready: NonNullable<ServiceInput['ready']>) =>
    defineCluster({
      isolation: 'chroot',
      tree,
      services: {
        tool: defineService({
          kind: 'tool',
          ports: ['tool'],
          command: () => ['/app/busybox', 'sleep', '1000'],
          ready,
          handle: ({ exec }) => ({ run: (...argv: string[]) => exec(argv) }),
        }),
      },
    })
  for (const ready of ['listening', { logLine: 'x' }, { exec: ['/app/busybox', 'true'] }] as const)
    await expect(openSession(cluster(ready))).rejects.toMatchObject({
      code: 'MISSING_PROGRAM',
      message: expect.stringMatching(
        /^tool: the check that it is ready .* but the tree has no sh /,
      ),
    })
  const session = await openSession(cluster('started'))
  const { run } = await session.handle('tool')
  const { stdout } = await run('/app/busybox', 'echo', 'runs').finally(() => session.close())
  expect(stdout).toBe('runs\n')
})
