import { once } from 'node:events'
import { readdir, writeFile } from 'node:fs/promises'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { archiveBase } from '../../src/definition/tree-archive.ts'
import { download } from '../../src/tree/archive/download.ts'
import { archiveStep } from '../../src/tree/base/archive.ts'
import { stepBuild } from './step-build.ts'
import { compressed, digest, tar } from './tars.ts'

/** A web server, and the URL of its archive. */
async function serve(answer: RequestListener): Promise<string> {
  const server = createServer(answer).listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/rootfs.tar.gz`
}

const archive = async () => compressed('gzip', await tar(['etc/'], ['etc/hostname', 'far\n']))

test('an archive of a URL is downloaded once and kept by its digest', async () => {
  const bytes = await archive()
  let asked = 0
  const url = await serve((_, response) => {
    asked++
    response.end(bytes)
  })
  const step = archiveStep(archiveBase(new URL(url), { sha256: digest(bytes) }))
  const { build, text, said } = await stepBuild()
  // Nothing is downloaded to find that out
  expect(await step.inputs(build)).toEqual({ sha256: digest(bytes) })
  expect(asked).toBe(0)
  expect(step.title).toBe('archive rootfs.tar.gz')
  await step.make(build)
  expect(await text('etc/hostname')).toBe('far')
  expect(said[0]).toBe(`downloading ${url}`)
  expect(await readdir(build.downloads)).toEqual([digest(bytes)])
  const { build: next } = await stepBuild()
  await step.make({ ...next, downloads: build.downloads })
  expect(asked).toBe(1)
})

test('a kept download that has changed is downloaded again, and others are kept', async () => {
  const bytes = await archive()
  const url = await serve((_, response) => void response.end(bytes))
  const step = archiveStep(archiveBase(url, { sha256: digest(bytes) }))
  const { build, text } = await stepBuild()
  const other = await serve((_, response) => void response.end('other'))
  await download(build, other, digest('other'))
  await writeFile(join(build.downloads, digest(bytes)), 'changed')
  await step.make(build)
  expect(await text('etc/hostname')).toBe('far')
  expect((await readdir(build.downloads)).sort()).toEqual([digest(bytes), digest('other')].sort())
})

const failures: Record<string, { answer: RequestListener; code: string; says: string }> = {
  'that is not there': {
    answer: (_, response) => response.writeHead(404).end('<html>'),
    code: 'TREE_UNREACHABLE',
    says: 'cannot download URL: 404 Not Found',
  },
  'that ends half-way': {
    answer: (_, response) => {
      response.writeHead(200, { 'content-length': 100_000 })
      response.write(Buffer.alloc(40_000), () => response.destroy())
    },
    code: 'TREE_UNREACHABLE',
    says: ', after 40.0 kB of 100 kB',
  },
  'with another digest': {
    answer: (_, response) => response.end('something else'),
    code: 'TREE_CHECKSUM',
    says: `expected: ${'0'.repeat(64)}\n      found:    ${digest('something else')}`,
  },
}

test.for(Object.entries(failures))(
  'a URL %s is an error, and nothing is left',
  async ([, { answer, code, says }]) => {
    const url = await serve(answer)
    const { build } = await stepBuild()
    const step = archiveStep(archiveBase(url, { sha256: '0'.repeat(64) }))
    await expect(step.make(build)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(says.replace('URL', url)),
      details: { fix: expect.stringMatching(/./) },
    })
    expect(await readdir(build.downloads)).toEqual([])
    expect(await readdir(build.directory)).toEqual([])
  },
)

test('a server that cannot be reached is an error', async () => {
  const { build } = await stepBuild()
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/rootfs.tar.gz`
  server.close()
  await once(server, 'close')
  const step = archiveStep(archiveBase(url, { sha256: '0'.repeat(64) }))
  await expect(step.make(build)).rejects.toMatchObject({
    code: 'TREE_UNREACHABLE',
    message: expect.stringContaining(`cannot download ${url}: connect ECONNREFUSED 127.0.0.1`),
  })
})
