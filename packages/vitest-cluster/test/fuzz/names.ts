import { writeFileSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect } from 'vitest'
import { nameOf, namesIn, pathOf, tooLong } from '../../src/disk/names.ts'
import { isClusterError } from '../../src/errors.ts'
import { Members } from '../../src/tree/archive/members.ts'
import { padding, type Written, writeHeader } from '../../src/tree/archive/tar.ts'
import { checkTar } from '../../src/tree/archive/unpack.ts'
import { archiveTree, command, files } from '../../src/tree.ts'
import { temporaryDirectory } from '../helpers/temporary.ts'
import { busyboxTree, Cache } from '../helpers/trees.ts'

const seed = Number(process.env['VITEST_CLUSTER_TEST_SEED'] ?? 20261128)

/** Names of any bytes, and names that a program could interpret. */
const name = fc
  .oneof(
    fc.uint8Array({ minLength: 1, maxLength: 30 }),
    fc.uint8Array({ minLength: 200, maxLength: 255 }),
    fc
      .constantFrom('\\', '\n', '-rf', '*', '%2e', 'é', 'é', '"', "'", ' ', '.wh.x', '\ufffd', '~')
      .map((text) => Buffer.from(text)),
  )
  .map((bytes) => nameOf(Buffer.from(bytes)))
  .filter((text) => !/[/\0]/.test(text) && text !== '.' && text !== '..')

function tarOf(members: readonly Written[]): Buffer {
  const parts = members.flatMap((member) => [
    writeHeader(member),
    Buffer.alloc(member.size, 'x'),
    padding(member.size),
  ])
  return Buffer.concat([...parts, Buffer.alloc(1_024)])
}

const OWNER = { mode: 0o644, uid: 0, gid: 0 }

/** Checks that names of any bytes survive an archive, a directory of files and a command: all names, and no others. */
export async function namesSurvive(numRuns: number): Promise<void> {
  const { tree } = await busyboxTree()
  const cache = await Cache.open()
  const baseDirectory = await temporaryDirectory()
  let run = 0
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(name, { minLength: 1, maxLength: 60 }), async (names) => {
      const own = `${run++}`
      await mkdir(join(baseDirectory, own))
      for (const each of names) writeFileSync(pathOf(join(baseDirectory, own, each)), 'x')
      const archive = `${own}.tar`
      const members = names.map((each) => ({
        ...{ ...OWNER, name: `etc/odd/${each}`, type: 'file' as const, size: 1 },
      }))
      await writeFile(join(baseDirectory, archive), tarOf(members))
      const copy = command(['cp', '-R', '/etc/odd', '/etc/copy'])
      const layered = tree.with(files({ '/etc/odd': { from: own } }), copy)
      for (const [built, places] of [
        [await cache.build(archiveTree(archive), { baseDirectory }), ['etc/odd']],
        [await cache.build(layered, { baseDirectory }), ['etc/odd', 'etc/copy']],
      ] as const)
        for (const place of places)
          expect(namesIn(join(built.path, place)).sort()).toEqual([...names].sort())
    }),
    { seed, numRuns },
  )
}

const part = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom('a', 'b', 'c', '\udce9', 'é') },
  {
    weight: 1,
    arbitrary: fc.constantFrom('.', '', '..', 'x'.repeat(256), '.wh.a', '.wh..wh..opq'),
  },
)
const path = fc.oneof(
  { weight: 8, arbitrary: fc.array(part, { maxLength: 4 }).map((parts) => parts.join('/')) },
  { weight: 1, arbitrary: fc.constantFrom('/a', '/', '', 'd/'.repeat(1_800), '\udcff/../..') },
)
const member: fc.Arbitrary<Written> = fc.record({
  name: path,
  linkname: path,
  type: fc.constantFrom('file', 'directory', 'symlink'),
  size: fc.constantFrom(0, 0, 1, 600),
  mode: fc.constant(0o644),
  uid: fc.constantFrom(0, 7, 65_536, 2_000_000),
  gid: fc.constant(0),
})
/** Old tars mark a directory, which has no content, by the end of its name. */
const isFile = ({ type, name }: Written) => type === 'file' && !name.endsWith('/')

/** A changed byte, and the length that is cut off. */
const damage = fc.option(fc.record({ at: fc.nat(), byte: fc.nat(255), cut: fc.nat(3_000) }))

/** Checks that archives that are damaged or have hostile members are read to their end, or refused with a reason. */
export async function archivesAreReadOrRefused(numRuns: number): Promise<void> {
  const file = join(await temporaryDirectory(), 'archive.tar')
  let [refused, taken] = [0, 0]
  await fc.assert(
    fc.asyncProperty(
      fc.array(member, { maxLength: 6 }),
      fc.boolean(),
      damage,
      async (all, layered, harm) => {
        const bytes = tarOf(all.map((each) => ({ ...each, size: isFile(each) ? each.size : 0 })))
        if (harm) bytes[harm.at % bytes.length] = harm.byte
        await writeFile(
          file,
          harm ? bytes.subarray(0, Math.max(0, bytes.length - harm.cut)) : bytes,
        )
        const members = new Members({ checkOwner: true, layered })
        try {
          await checkTar(file, members)
          for (const gone of members.endLayer()) expect(gone).not.toMatch(/(^|\/)\.\.(\/|$)|^\//)
          taken++
          if (!harm)
            for (const { name } of all) expect(tooLong(name.replace(/\/+/g, '/')) ?? '').toBe('')
        } catch (error) {
          if (!isClusterError(error)) throw error
          expect(error.details).toMatchObject({
            code: 'TREE_ARCHIVE',
            fix: expect.stringMatching(/./),
          })
          expect(error.message.length).toBeLessThan(1_500)
          if (!harm) expect(error.message).toContain('its member "')
          refused++
        }
      },
    ),
    { seed, numRuns },
  )
  // Both outcomes have to occur: otherwise one of them would be untested
  expect(Math.min(refused, taken)).toBeGreaterThan(numRuns / 20)
}
