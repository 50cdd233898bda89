import { chmod, copyFile, mkdir, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { execa } from 'execa'
import type { Deb } from './deb-repository.ts'

/** dpkg(1) and the programs that it runs, from the host: busybox(1) has another dpkg. */
const PROGRAMS = ['dpkg', 'dpkg-deb', 'dpkg-query', 'dpkg-split', 'tar', 'sh', 'rm', 'diff', 'env']

/**
 * A Debian of some megabytes that mmdebstrap(1) makes in a second: two essential packages, and `apt`, which it
 * requires. `tool` is a package that tests add.
 */
export const SMALL_DEBIAN: readonly Deb[] = [
  { name: 'dpkg', fields: { Essential: 'yes' }, fill: copyPrograms },
  { name: 'base-files', fields: { Essential: 'yes' }, files: { 'etc/debian_version': '13\n' } },
  { name: 'apt' },
  { name: 'tool', files: { 'usr/share/tool': 'tool\n' } },
]

async function copyPrograms(root: string): Promise<void> {
  for (const name of ['bin', 'sbin', 'lib', 'lib64'])
    await mkdir(join(root, 'usr', name), { recursive: true, mode: 0o755 })
  for (const name of ['bin', 'sbin', 'lib', 'lib64']) await symlink(`usr/${name}`, join(root, name))
  for (const name of ['proc', 'sys', 'dev', 'run', 'tmp', 'etc', 'root', 'var/lib'])
    await mkdir(join(root, name), { recursive: true, mode: 0o755 })
  const { stdout } = await execa('which', PROGRAMS)
  const programs = stdout.split('\n')
  const linked = await execa('ldd', programs, { reject: false })
  const libraries = linked.stdout.match(/\/\S+\.so\S*/g) ?? []
  for (const path of new Set([...programs, ...libraries])) {
    const to = join(root, path.replace(/^(?:\/usr)?/, '/usr'))
    await mkdir(dirname(to), { recursive: true, mode: 0o755 })
    await copyFile(path, to)
  }
  // dpkg(1) requires that they exist, but does not run them
  for (const name of ['ldconfig', 'start-stop-daemon']) {
    await writeFile(join(root, 'usr/sbin', name), '#!/bin/sh\n')
    await chmod(join(root, 'usr/sbin', name), 0o755)
  }
}
