import { createReadStream } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { execa } from 'execa'
import { endGpg, makeGpgKeyIn } from './gpg-key.ts'

/** A package to be made: fields of deb-control(5), and its files by path. */
export interface Deb {
  readonly name: string
  readonly version?: string
  readonly fields?: readonly string[]
  readonly files?: Readonly<Record<string, string>>
}

/**
 * How a mirror can misbehave, each at an address of its own: `altered` changes the signed list of a suite, `cut` ends
 * the connection in the middle of a package, `none` has no suite, `silent` answers nothing.
 */
export type Way = 'well' | 'altered' | 'cut' | 'none' | 'silent'

/** An archive of a few small packages, signed by a key of its own, at an address of this machine. */
export interface DebRepository {
  /** Its public key. */
  readonly keyring: string
  mirror(way: Way): string
  /** Resolves when somebody asks the silent mirror for something. */
  readonly asked: Promise<void>
  /** From then on nobody answers. */
  stop(): Promise<void>
  /** Whoever started it closes it. */
  close(): Promise<void>
}

/** Makes a suite of these packages, and serves it. */
export async function startDebRepository(
  suite: string,
  packages: readonly Deb[],
): Promise<DebRepository> {
  const directory = await mkdtemp(join(tmpdir(), 'vct-deb-'))
  const home = await mkdtemp(join(tmpdir(), 'vct-gpg-'))
  const keyring = join(directory, 'archive.asc')
  const { user } = await makeGpgKeyIn(home, keyring)
  await makeSuite(directory, suite, packages)
  const sign = ['--homedir', home, '--batch', '--pinentry-mode=loopback', '--passphrase=']
  const release = join(directory, 'dists', suite, 'Release')
  const signed = join(directory, 'dists', suite, 'InRelease')
  await execa('gpg', [...sign, '--local-user', user, '--output', signed, '--clearsign', release])
  const { promise: asked, resolve } = Promise.withResolvers<void>()
  const server = createServer(({ url = '' }, response) => {
    const [, way = '', path = ''] = /^\/(\w+)\/debian\/([\w./+-]+)$/.exec(url) ?? []
    if (way === 'silent') resolve()
    else answer(join(directory, path), way, response).catch(() => response.destroy())
  }).listen(0, '127.0.0.1')
  await new Promise((listening) => server.once('listening', listening))
  const { port } = server.address() as AddressInfo
  const stop = async () => {
    server.closeAllConnections()
    if (server.listening) await new Promise((closed) => server.close(closed))
  }
  return {
    keyring,
    asked,
    mirror: (way) => `http://127.0.0.1:${port}/${way}/debian`,
    stop,
    async close() {
      await stop()
      await endGpg(home)
      for (const path of [directory, home]) await rm(path, { recursive: true, force: true })
    },
  }
}

async function answer(file: string, way: string, response: ServerResponse): Promise<void> {
  const found = await stat(file).catch(() => undefined)
  if (!found?.isFile() || (way === 'none' && file.includes('/dists/')))
    return void response.writeHead(404).end()
  if (way === 'altered' && /\/(?:In)?Release$/.test(file)) {
    const text = `${await readFile(file)}`.replace('Origin: Test', 'Origin: Else')
    return void response.writeHead(200, { 'content-length': text.length }).end(text)
  }
  response.writeHead(200, { 'content-length': found.size })
  const cut = way === 'cut' && file.endsWith('.deb')
  const part = createReadStream(file, cut ? { end: Math.floor(found.size / 2) } : {})
  part.pipe(response, { end: !cut })
  if (cut) part.once('end', () => response.destroy())
}

/** The layout of an archive (https://wiki.debian.org/DebianRepository/Format), by apt-ftparchive(1). */
async function makeSuite(directory: string, suite: string, packages: readonly Deb[]) {
  const { stdout: architecture } = await execa('dpkg', ['--print-architecture'])
  const index = join('dists', suite, 'main', `binary-${architecture}`)
  await mkdir(join(directory, 'pool'))
  await mkdir(join(directory, index), { recursive: true })
  await Promise.all(packages.map((one) => makePackage(directory, one)))
  const run = (...argv: string[]) => execa('apt-ftparchive', argv, { cwd: directory })
  await writeFile(join(directory, index, 'Packages'), `${(await run('packages', 'pool')).stdout}\n`)
  const fields = { Origin: 'Test', Suite: suite, Codename: suite, Components: 'main' }
  const options = Object.entries({ ...fields, Architectures: architecture }).flatMap(
    ([name, value]) => ['-o', `APT::FTPArchive::Release::${name}=${value}`],
  )
  const release = await run(...options, 'release', join('dists', suite))
  await writeFile(join(directory, 'dists', suite, 'Release'), `${release.stdout}\n`)
}

async function makePackage(directory: string, one: Deb): Promise<void> {
  const { name, version = '1.0', fields = [], files = {} } = one
  const root = join(directory, '.build', name)
  const control = [
    `Package: ${name}`,
    `Version: ${version}`,
    'Architecture: all',
    'Maintainer: nobody <nobody@example.org>',
    'Description: a package of a test',
    ...fields,
  ]
  const all = { '/DEBIAN/control': `${control.join('\n')}\n`, ...files }
  for (const [path, content] of Object.entries(all)) {
    await mkdir(dirname(join(root, path)), { recursive: true, mode: 0o755 })
    await writeFile(join(root, path), content, { mode: 0o644 })
  }
  const file = join(directory, 'pool', `${name}_${version}_all.deb`)
  await execa('dpkg-deb', ['--root-owner-group', '--build', root, file])
}
