import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { execa } from 'execa'
import { makePath, writeWithMode } from '../../src/disk/modes.ts'
import { makeGpgKeyIn } from './gpg-key.ts'
import { removeAsCleaner } from './temporary.ts'

/** The only suite of a test's repository; its only component is main. */
export const SUITE = 'trixie'

/** A package to build. */
export interface Deb {
  readonly name: string
  /** Fields of its control file (deb-control(5)) besides those that each package has. */
  readonly fields?: Readonly<Record<string, string>>
  /** Contents by path. */
  readonly files?: Readonly<Record<string, string>>
  /** Writes more files below the package's root. */
  readonly fill?: (root: string) => Promise<void>
  /** A script of sh(1) that runs after the installation. */
  readonly postinst?: string
}

/** A signed repository and the packages built for it. */
export interface DebRepository {
  readonly directory: string
  /** The file with the public key of the repository's signature. */
  readonly key: string
  close(): Promise<void>
}

/**
 * Builds packages and makes a repository of them, for several tests: the caller closes it.
 * @param fields of its Release file, in addition to the usual ones or in place of them
 */
export async function makeDebRepository(
  packages: readonly Deb[],
  fields: Readonly<Record<string, string>> = {},
): Promise<DebRepository> {
  const directory = await mkdtemp(join(tmpdir(), 'vct-'))
  const home = join(directory, 'gpg')
  const key = join(directory, 'key.asc')
  await mkdir(home, { mode: 0o700 })
  const [signer, architecture, ...stanzas] = await Promise.all([
    makeGpgKeyIn(home, key),
    execa('dpkg', ['--print-architecture']).then(({ stdout }) => stdout),
    ...packages.map((one) => makePackage(directory, one)),
  ])
  const index = stanzas.join('\n')
  const lists = join(directory, 'dists', SUITE)
  const path = `main/binary-${architecture}/Packages`
  await mkdir(dirname(join(lists, path)), { recursive: true })
  await writeFile(join(lists, path), index)
  const release = [
    ...Object.entries({
      Origin: 'Test',
      Suite: SUITE,
      Codename: SUITE,
      Date: new Date().toUTCString(),
      Architectures: architecture,
      Components: 'main',
      ...fields,
    }).map(([name, value]) => `${name}: ${value}`),
    'SHA256:',
    ` ${sha256(index)} ${Buffer.byteLength(index)} ${path}`,
  ]
  await signer.sign(`${release.join('\n')}\n`, join(lists, 'InRelease'))
  const close = async () => {
    await signer.close()
    await removeAsCleaner(directory)
  }
  return { directory, key, close }
}

/** Builds one into `pool`. Returns its stanza of the index. */
async function makePackage(directory: string, deb: Deb): Promise<string> {
  const { name, fields, files, fill, postinst } = deb
  const root = join(directory, 'build', name)
  const control = Object.entries({
    Package: name,
    Version: '1.0',
    Architecture: 'all',
    Maintainer: 'A test <test@example.org>',
    ...fields,
    Description: 'A package of a test',
  }).map(([field, value]) => `${field}: ${value}`)
  const all = { ...files, 'DEBIAN/control': `${control.join('\n')}\n` }
  for (const [path, content] of Object.entries(all)) {
    await makePath(dirname(join(root, path)), 0o755)
    await writeWithMode(join(root, path), content, 0o644)
  }
  if (postinst !== undefined)
    await writeWithMode(join(root, 'DEBIAN/postinst'), `#!/bin/sh\nset -e\n${postinst}\n`, 0o755)
  await fill?.(root)
  const file = `pool/${name}_1.0_all.deb`
  await makePath(join(directory, 'pool'), 0o755)
  const options = ['--build', '--root-owner-group', '-Znone']
  await execa('dpkg-deb', [...options, root, join(directory, file)])
  await rm(root, { recursive: true })
  const built = await readFile(join(directory, file))
  const found = [`Filename: ${file}`, `Size: ${built.length}`, `SHA256: ${sha256(built)}`]
  return `${[...control, ...found].join('\n')}\n`
}

function sha256(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex')
}
