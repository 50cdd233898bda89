// @module-tag systemd
import { randomBytes } from 'node:crypto'
import { chmod, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import { makeDirectory, writeWithMode } from '../../src/disk/modes.ts'
import { defineService, type Handle, isClusterError } from '../../src/index.ts'
import { ownTemporary } from '../helpers/own-temporary.ts'
import { script } from '../helpers/services.ts'
import { up } from '../helpers/session.ts'
import { temporaryDirectory } from '../helpers/temporary.ts'

// A failure prints the seed; to try others: VITEST_CLUSTER_TEST_SEED=$RANDOM
const seed = Number(process.env['VITEST_CLUSTER_TEST_SEED'] ?? 20261128)
const SESSIONS = 6

/** A mark in every path of a definition, so that a misplaced file is found. */
const MARK = `vct${randomBytes(5).toString('hex')}`
const WORDS = [
  '%n',
  '%%',
  '$HOME',
  '\'"\\',
  'a b',
  'line\nbreak',
  '-e',
  'ä',
  '\t\x01',
  '',
  '$(id)',
  '; exit 1',
  ':',
  '#',
]
const NAMES = ['constructor', 'toString', 'hasOwnProperty', 'valueOf', 'A-', 'a1']
const HOMES = [
  '/home',
  '/tmp',
  '/proc',
  '/sys',
  '/dev',
  '/usr',
  '/bin',
  '/lib',
  '/var/run',
  '/run',
  '/srv',
  '/etc',
  '/root',
  '/opt',
  '/.',
  '//',
]
const FILES = [
  'a b',
  '%n',
  "'",
  '\\',
  '$HOME',
  '.a',
  '-rf',
  'constructor',
  'then',
  'd/e/f',
  '~',
  '*',
]
const SHOWN = ['50%n', 'a:b', 'c d', 'f\\g', '$i', 'ä']

/** Writes its arguments into a file, then creates another one. */
const SAY = 'printf "<%s>" "$@" >words; touch said; exec sleep infinity'

const words = fc.array(fc.constantFrom(...WORDS), { minLength: 1, maxLength: 4 })
const definition = fc.record({
  name: fc.constantFrom(...NAMES),
  words,
  value: words.map((all) => all.join('')),
  account: fc.constantFrom('constructor', '0', '_a.b@c-d', 'toString', 'nobody', 'tty'),
  home: fc.constantFrom(...HOMES).map((path) => `${path}/${MARK}/x`),
  files: fc.subarray(FILES, { minLength: 2 }),
  shown: fc.constantFrom(...SHOWN),
  port: fc.constantFrom('constructor', 'then', 'length'),
})

/** Paths with the mark outside of the session, as deep as a definition could have created them. */
async function marked(besides: string): Promise<string[]> {
  const where = [
    '/',
    '/tmp',
    '/var',
    '/home',
    '/run',
    '/etc',
    '/srv',
    '/usr',
    process.cwd(),
    process.env['HOME'] ?? '/',
  ]
  const { stdout } = await execa(
    'find',
    [
      ...new Set(where),
      '-xdev',
      '-maxdepth',
      '3',
      '-path',
      besides,
      '-prune',
      '-o',
      '-name',
      `*${MARK}*`,
      '-print',
    ],
    { reject: false },
  )
  return stdout.split('\n').filter(Boolean)
}

test('odd names, words and paths reach the programs unchanged, and no file appears outside', async () => {
  const temporary = await ownTemporary()
  const shown = await temporaryDirectory()
  // Root's services have another uid
  await chmod(shown, 0o755)
  let opened = 0
  for (const [index, odd] of fc.sample(definition, { seed, numRuns: SESSIONS }).entries()) {
    const path = join(shown, `${index}-${odd.shown}`)
    await makeDirectory(path, 0o755)
    await writeWithMode(join(path, 'file'), 'of the host', 0o644)
    const service = defineService({
      kind: 'odd',
      ports: [odd.port],
      accounts: [{ name: odd.account, ...(odd.account !== 'nobody' && { home: odd.home }) }],
      hostPaths: [path],
      command: () => ['/bin/sh', '-c', SAY, 'sh', ...odd.words],
      ready: { exec: ['/usr/bin/test', '-e', 'said'] },
      env: () => ({ ODD: odd.value, constructor: odd.value }),
      values: () => ({ constructor: odd.value, toString: [odd.value] }),
      files: () => Object.fromEntries(odd.files.map((name) => [`${name}${MARK}`, name])),
      handle: ({ values, ports }) => ({ value: values.constructor, number: ports[odd.port] }),
    })
    try {
      const other = script('exec sleep infinity', { dependsOn: [odd.name] })
      await using session = await up({ [odd.name]: service, other })
      opened++
      const handle = (await session.handle(odd.name)) as Handle<typeof service>
      expect(handle).toMatchObject({ value: odd.value, number: expect.any(Number) })
      const exec = async (...argv: string[]) =>
        (await handle.exec(argv, { env: { MORE: odd.value } })).stdout
      expect(await exec('cat', 'words')).toBe(odd.words.map((word) => `<${word}>`).join(''))
      expect(await exec('printenv', '-0', 'ODD', 'MORE')).toBe(`${odd.value}\0${odd.value}\0`)
      expect(await exec('cat', join(path, 'file'))).toBe('of the host')
      const names = odd.files.map((name) => `${name}${MARK}`)
      expect(await exec('cat', '--', ...names)).toBe(odd.files.join(''))
    } catch (error) {
      // A definition that refuses it is also right
      if (isClusterError(error) && error.code === 'INVALID_DEFINITION') continue
      throw new Error(`seed ${seed}: ${JSON.stringify(odd)}`, { cause: error })
    }
    expect({ odd, marked: await marked(temporary.path) }).toEqual({ odd, marked: [] })
  }
  expect(opened).toBeGreaterThan(SESSIONS / 2)
  await temporary.nothingLeft()
  vi.unstubAllEnvs()
})

test('a home outside of the session is refused before anything is created', async () => {
  const temporary = await ownTemporary()
  const up12 = '/..'.repeat(12)
  for (const home of [
    `${up12}/${MARK}`,
    `/home${up12}/tmp/${MARK}`,
    `/x\na:x:0:0::/tmp/${MARK}:`,
  ]) {
    const opened = Promise.resolve({ home }).then((account) =>
      up({ a: script('exec sleep infinity', { accounts: [{ name: 'a', ...account }] }) }).then(
        async (session) => session.close(),
      ),
    )
    await expect.soft(opened).rejects.toMatchObject({ code: 'INVALID_DEFINITION' })
    const found = await marked(temporary.path)
    expect.soft(found).toEqual([])
    await Promise.all(found.map((path) => rm(path, { recursive: true, force: true })))
  }
})
