/** Debian's own archive, and minutes to unpack it: what only a tree that mmdebstrap(1) has finished can show. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { beforeAll, expect, test } from 'vitest'
import { debianTree } from '../../src/tree/define.ts'
import { SUITE as suite } from '../helpers/debian.ts'
import { skipWhen } from '../helpers/situation.ts'
import { treeFailure } from '../helpers/tree-failure.ts'
import { Cache } from '../helpers/trees.ts'

/** Where Debian is mirrored, as this machine's apt has it. */
let mirror: string | undefined

beforeAll(async () => {
  const argv = ['update', '--print-uris']
  const { stdout } = await execa('apt-get', argv, { reject: false, env: { LC_ALL: 'C' } })
  const found = /^'(https?:\/\/\S+\/debian)\/dists\//m.exec(`${stdout}`)?.[1]
  const reached = await fetch(`${found}/dists/${suite}/InRelease`, { method: 'HEAD' }).catch(
    () => undefined,
  )
  if (reached?.ok) mirror = found
})

const NO_MIRROR = "Debian's mirror cannot be reached"

test('a package that is not there', async ({ skip }) => {
  skipWhen(skip, !mirror, NO_MIRROR)
  const cache = await Cache.open()
  const { message } = await treeFailure(cache, debianTree({ suite, packages: ['nano', 'slapdd'] }))
  expect(message.split('\n')[0]).toBe(
    "debian trixie: there is no package 'slapdd' in trixie [UNKNOWN_PACKAGE]",
  )
})

test('a snapshot is where its packages come from', async ({ skip }) => {
  skipWhen(skip, !mirror, NO_MIRROR)
  const cache = await Cache.open()
  const { path } = await cache.build(debianTree({ suite, snapshot: `${mirror}` }))
  const sources = await readFile(join(path, 'etc/apt/sources.list'), 'utf8')
  expect(sources.trim()).toBe(`deb ${mirror} ${suite} main`)
  const apt = await execa('grep', ['-rh', 'Valid-Until', join(path, 'etc/apt/apt.conf.d')])
  expect(apt.stdout).toContain('Acquire::Check-Valid-Until "false"')
})
