/** Log files in trees: with busybox, and on an overlay, where tail(1) does not use inotify. */
import { copyFile, mkdir, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { execa } from 'execa'
import { expect, onTestFinished, test, vi } from 'vitest'
import { defineCluster } from '../../src/index.ts'
import { openInternal } from '../../src/open/open-session.ts'
import { directoryTree } from '../../src/tree.ts'
import { script } from '../helpers/services.ts'
import { temporaryDirectory } from '../helpers/temporary.ts'
import { busyboxTree } from '../helpers/trees.ts'

/** Programs that Debian's busybox lacks, and their libraries. */
async function add(path: string, programs: readonly string[]): Promise<void> {
  const { stdout } = await execa('which', programs)
  const found = stdout.split('\n')
  const linked = await execa('ldd', found, { reject: false })
  for (const file of new Set([...found, ...(linked.stdout.match(/\/\S+\.so\S*/g) ?? [])])) {
    await mkdir(dirname(join(path, file)), { recursive: true, mode: 0o755 })
    await rm(join(path, file), { force: true })
    await copyFile(file, join(path, file))
  }
}

test.for([
  { file: '/var/log/app/app.log', writable: false, programs: ['flock', 'cksum'] },
  { file: '/opt/app/app.log', writable: true, programs: ['flock', 'cksum', 'sh', 'tail'] },
])('log files are followed: $file', async ({ file, writable, programs }) => {
  vi.stubEnv('XDG_CACHE_HOME', await temporaryDirectory())
  onTestFinished(() => void vi.unstubAllEnvs())
  const { path } = await busyboxTree()
  await add(path, programs)
  const app = script(`echo ready >>${file}; exec sleep 1000000`, {
    logFiles: [file],
  })
  const tree = directoryTree(path)
  await using session = await openInternal(
    defineCluster({
      isolation: 'chroot',
      tree: writable ? tree.writableInMemory() : tree,
      services: { app },
    }),
  )
  const { exec, log, restart } = await session.handle('app')
  const sh = (text: string) => exec(['/bin/sh', '-c', text])
  await log.waitFor('ready')
  const coming = log.waitFor('later')
  await sh(`echo later >>${file}`)
  await coming
  await sh(`mv ${file} ${file}.1; echo rest >>${file}.1; echo new >${file}`)
  expect(await log.text()).toBe('ready\nlater\nrest\nnew\n')
  const since = await log.mark()
  await restart()
  await log.waitFor('ready', { since })
  expect(await log.text()).toBe('ready\nlater\nrest\nnew\nready\n')
  expect((await sh(`cat ${file}`)).stdout).toBe('new\nready\n')
})
