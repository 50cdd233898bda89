import { chmod, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { execa } from 'execa'
import { describe, expect, test } from 'vitest'
import { rpmBase } from '../../src/definition/tree-archive.ts'
import { findProgram } from '../../src/machine/programs.ts'
import { rpmPackages, rpmStep } from '../../src/tree/base/rpm.ts'
import { makeGpgKey } from '../helpers/gpg-key.ts'
import { temporaryDirectory } from '../helpers/temporary.ts'
import { makeRepository, type Rpm } from './rpm-repository.ts'
import { stepBuild } from './step-build.ts'

const PROGRAMS = ['dnf', 'rpm', 'rpmbuild', 'rpmsign', 'createrepo_c', 'gpg']
const found = await Promise.all(
  PROGRAMS.map((name) => findProgram(name, (process.env['PATH'] ?? '').split(':'))),
)
const missing = PROGRAMS.filter((_, index) => !found[index])
const why = missing.length > 0 ? ` (skipped: ${missing.join(', ')} is not installed)` : ''

/** A repository of the test that every user can read: root builds trees as another uid. */
async function repository(...packages: readonly Rpm[]) {
  const directory = await temporaryDirectory()
  await chmod(directory, 0o755)
  await makeRepository(directory, ...packages)
  return { id: 'local', url: pathToFileURL(directory) }
}

const TOOL: Rpm = {
  name: 'tool',
  version: '2.1',
  requires: 'library >= 1',
  recommends: 'manual',
  files: { '/etc/tool.conf': 'tool\n', '/usr/bin/tool': '#!/bin/sh\n' },
  post: 'f = io.open("/dev/null", "w"); f:write("x"); f:close(); io.open("/etc/post", "w"):close()',
}
const LIBRARY: Rpm = { name: 'library', files: { '/usr/lib/library.so': 'library\n' } }
const MANUAL: Rpm = { name: 'manual', files: { '/usr/share/manual': 'manual\n' } }

describe.skipIf(why !== '')(`a tree of RPM packages${why}`, () => {
  test('has the packages, their requirements, and their versions', async () => {
    const repositories = [await repository(TOOL, LIBRARY, MANUAL)]
    const { build, files, said } = await stepBuild()
    const step = rpmStep(rpmBase({ repositories, packages: ['tool'], release: '9' }))
    expect(step.title).toBe('rpm local 9')
    expect(await step.inputs(build)).toEqual({
      release: '9',
      'package tool': 'wanted',
      'repository local': `${repositories[0]?.url}`,
      'repository local/repodata/repomd.xml': expect.stringMatching(/^[0-9a-f]{64}$/),
    })
    await step.make(build)
    const all = await files('%y %U %P')
    const own = ['etc/tool.conf', 'etc/post', 'usr/bin/tool', 'usr/lib/library.so']
    expect(all).toEqual(expect.arrayContaining(own.map((path) => `f 0 ${path}`)))
    // No files of the machine that built it, and no packages that are only recommended
    const top = (await readdir(join(build.directory, 'root'))).sort()
    expect(top).toEqual(['dev', 'etc', 'proc', 'run', 'sys', 'usr', 'var'])
    expect(all.filter((line) => /manual|\/(cache|log)\/|^. . (dev|run|proc)\//.test(line))).toEqual(
      [],
    )
    expect(await rpmPackages(build)).toEqual({
      'package library': '1.0-1',
      'package tool': '2.1-1',
    })
    // dnf's output, unchanged
    for (const name of ['library-1.0-1', 'tool-2.1-1'])
      expect(said).toContainEqual(expect.stringContaining(name))
  })

  test('accepts only signed packages if a key is given', async () => {
    const one = await repository(LIBRARY)
    const directory = fileURLToPath(one.url)
    const { key, sign } = await makeKey(directory)
    const { build, files } = await stepBuild()
    const base = rpmBase({ repositories: [{ ...one, key }], packages: ['library'] })
    await expect(rpmStep(base).make(build)).rejects.toMatchObject({
      code: 'TREE_FAILED',
      message: expect.stringContaining('dnf ended with 1 '),
      details: {
        log: expect.arrayContaining([expect.stringContaining('library-1.0-1.noarch')]),
        fix: expect.stringContaining("name the key that a repository's packages are signed with"),
      },
    })
    await expect(files()).resolves.not.toContain('f usr/lib/library.so')
    await sign(join(directory, 'noarch/library-1.0-1.noarch.rpm'))
    await execa('createrepo_c', ['--quiet', '--no-database', directory])
    const signed = await stepBuild()
    await rpmStep(base).make(signed.build)
    expect(await signed.files()).toContain('f usr/lib/library.so')
  })

  const OTHER = { id: 'other', url: 'http://127.0.0.1:1/' }
  // A name in dnf's last lines, and the option to correct
  test.for<[string, () => Promise<Parameters<typeof rpmBase>[0]>, string, string]>([
    [
      'an unknown package',
      async () => ({
        repositories: [await repository(LIBRARY)],
        packages: ['library', 'grub', 'lilo'],
      }),
      'lilo',
      'check the names of the packages: library grub lilo;',
    ],
    [
      'a package with a requirement that no package provides',
      async () => ({ repositories: [await repository(TOOL)], packages: ['tool'] }),
      'library >= 1',
      'or add the repository that has them and their dependencies',
    ],
    [
      'a repository that cannot be reached',
      async () => ({ repositories: [await repository(LIBRARY), OTHER], packages: ['library'] }),
      'other',
      'other (http://127.0.0.1:1/)',
    ],
    [
      'a directory that is not a repository',
      async () => ({ repositories: [{ id: 'none', url: 'file:///var/empty' }], packages: ['x'] }),
      'none',
      'create repodata/repomd.xml, which is missing in none: createrepo_c',
    ],
  ])("fails with dnf's message for %s", async ([, options, log, fix]) => {
    const { build } = await stepBuild()
    await expect(rpmStep(rpmBase(await options())).make(build)).rejects.toMatchObject({
      code: 'TREE_FAILED',
      message: expect.stringContaining('dnf ended with 1 '),
      details: {
        log: expect.arrayContaining([expect.stringContaining(log)]),
        fix: expect.stringContaining(fix),
      },
    })
  })
})

/** A key, and a function that signs packages with it. */
async function makeKey(directory: string) {
  const key = join(directory, 'key.asc')
  const { home, user } = await makeGpgKey(key)
  const sign = async (path: string) => {
    const program = `__gpg ${found[PROGRAMS.indexOf('gpg')]}`
    const defines = [program, `_gpg_name ${user}`, `_gpg_path ${home}`]
    await execa('rpmsign', [...defines.map((define) => `--define=${define}`), '--addsign', path])
  }
  return { key, sign }
}
