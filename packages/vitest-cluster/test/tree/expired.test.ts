import { expect, test } from 'vitest'
import { expiredArchive } from '../../src/tree/build/expired.ts'
import { debianTree } from '../../src/tree/define.ts'
import { mirrorOf } from '../helpers/deb-mirror.ts'
import { makeDebRepository, SUITE } from '../helpers/deb-repository.ts'
import { SMALL_DEBIAN } from '../helpers/small-debian.ts'
import { treeFailure } from '../helpers/tree-failure.ts'
import { Cache } from '../helpers/trees.ts'

const DAY = 86_400_000
const inDays = (days: number) => new Date(Date.now() + days * DAY)
const date = (time: Date) => time.toISOString().slice(0, 10)

/** A mirror of the small Debian whose Release file has these fields. */
async function archive(fields: Readonly<Record<string, string>>) {
  const repository = await makeDebRepository(SMALL_DEBIAN, fields)
  const { url } = await mirrorOf(repository.directory)
  return { url, keyring: repository.key, close: repository.close }
}

test('an expired archive is reported with its date, and an expired snapshot is accepted', async () => {
  const until = inDays(-3)
  const { url, keyring, close } = await archive({
    Date: inDays(-10).toUTCString(),
    'Valid-Until': until.toUTCString(),
  })
  const cache = await Cache.open()
  const { message, details } = await treeFailure(
    cache,
    debianTree({ suite: SUITE, mirror: url, keyring }),
  )
  expect(message).toMatch(
    `debian trixie: the archive has expired: ${url}/dists/trixie/InRelease was valid until ${date(until)} `,
  )
  expect(details).toMatchObject({ code: 'TREE_FAILED', log: expect.any(Array) })
  expect(details.fix).toMatch(/^- name a mirror that is up to date\n.*snapshot: 'URL'.*\n.*clock/)
  expect(details.fix).not.toContain('keyring')
  const { steps } = await cache.build(debianTree({ suite: SUITE, snapshot: url, keyring }))
  expect(steps).toMatchObject([{ state: 'made' }])
  await close()
})

test("an archive from the future is reported with the machine's clock", async () => {
  const from = inDays(5)
  const { url, keyring, close } = await archive({ Date: from.toUTCString() })
  const tree = debianTree({ suite: SUITE, mirror: url, keyring })
  const { message, details } = await treeFailure(await Cache.open(), tree)
  expect(message).toContain(
    `the archive is not valid yet: ${url}/dists/trixie/InRelease is valid from `,
  )
  expect(message).toContain(date(from))
  expect(details.fix).toMatch(/^- check the clock of this machine: it says \d{4}-/)
  await close()
})

test('other messages of apt are not reported as expired', () => {
  const lines = ['E: The following signatures were invalid: EXPKEYSIG 0123 Test']
  expect(expiredArchive({ lines }, '')).toBeUndefined()
})
