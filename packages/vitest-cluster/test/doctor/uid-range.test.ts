// @module-tag user
import { chmod, copyFile, readFile, writeFile } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { firstRange, parseRanges } from '../../src/machine/subordinate.ts'
import { started } from '../helpers/child.ts'
import {
  fixed,
  linesOf,
  ONLY_ROOT,
  ORDINARY,
  pathWithout,
  ROOT,
  type Situation,
  seen,
  skipWhen,
} from '../helpers/situation.ts'
import { temporaryDirectory } from '../helpers/temporary.ts'

/** A copy of /etc on a separate file system: programs that edit its files rename others over them. */
const ETC = 'mount -t tmpfs tmpfs /mnt && cp -a /etc/. /mnt && mount --bind /mnt /etc'
const ACCOUNT = `echo vct:x:${ORDINARY}:${ORDINARY}::/:/bin/sh >>/etc/passwd`

function granted(text: string): Situation {
  const files = `printf '${text}' >/etc/subuid && printf '${text}' >/etc/subgid`
  return { before: `${ETC}\n${ACCOUNT}\n${files}`, uid: ORDINARY }
}

test('doctor() finds a uid range and the programs that map it', async ({ skip }) => {
  if (ROOT) {
    const see = await seen(granted('vct:300000:65536\\n'))
    expect(see('newuidmap')).toMatchObject({
      status: 'ok',
      found: expect.stringMatching(/maps your range$/),
    })
    expect(see('subuid-range')).toMatchObject({
      status: 'ok',
      found: 'subuid vct:300000:65536, subgid vct:300000:65536',
    })
    return
  }
  const ranges = parseRanges(await readFile('/etc/subuid', 'utf8').catch(() => ''))
  const own = firstRange(ranges, userInfo().username, ORDINARY)
  skipWhen(skip, !own || own.count < 65_536, 'this user has no range')
  const see = await seen()
  expect(see('newuidmap')).toMatchObject({
    status: 'ok',
    found: expect.stringMatching(/maps your range$/),
  })
  expect(see('subuid-range').status).toBe('ok')
})

test("doctor() finds a range that is granted to a user's number", async ({ skip }) => {
  skipWhen(skip, !ROOT, ONLY_ROOT)
  const see = await seen(granted(`${ORDINARY}:300000:65536\\n`))
  expect(see('newuidmap').status).toBe('ok')
  expect(see('subuid-range').status).toBe('ok')
})

test('doctor() reports a missing uid range, with its fix', async () => {
  const directory = await temporaryDirectory()
  await writeFile(join(directory, 'empty'), '')
  const before = 'mount --bind "$1/empty" /etc/subuid && mount --bind "$1/empty" /etc/subgid'
  const see = await seen({ before, with: directory, uid: ORDINARY })
  const one = see('subuid-range')
  expect(one).toMatchObject({ status: 'missing', found: 'subuid none, subgid none' })
  expect(one.neededFor).toEqual(['isolation:range', 'isolation:boot', 'isolation:nspawn'])
  expect(linesOf(one)).toEqual([
    `sudo usermod --add-subuids 100000-165535 --add-subgids 100000-165535 ${ROOT ? ORDINARY : userInfo().username}`,
  ])
})

test('doctor() reports a uid range that is too small, and its fix works', async ({ skip }) => {
  skipWhen(skip, !ROOT, ONLY_ROOT)
  const small = granted('vct:100000:1000\\nother:200000:65536\\n')
  const see = await seen(small)
  const one = see('subuid-range')
  expect(one).toMatchObject({
    status: 'missing',
    found: 'subuid vct:100000:1000, subgid vct:100000:1000',
  })
  const lines = linesOf(one)
  // usermod(8) refuses some changes while a process of the user runs; a user who reads the fix is logged in
  await started('setpriv', `--reuid=${ORDINARY}`, '--clear-groups', 'sh', '-c', 'echo; exec cat')
  const after = await seen({ ...small, before: `${small.before}\n${fixed(lines)}` })
  expect(after('subuid-range')).toMatchObject({
    status: 'ok',
    found: 'subuid vct:265536:65536, subgid vct:265536:65536',
  })
  expect(after('newuidmap').status).toBe('ok')
})

test('doctor() reports a missing newuidmap, with its packages', async () => {
  const directory = await temporaryDirectory()
  const PATH = await pathWithout(directory, 'newuidmap')
  const one = (await seen({ uid: ORDINARY, env: { PATH } }))('newuidmap')
  expect(one).toMatchObject({
    status: 'missing',
    found: 'no newuidmap in PATH',
    fix: {
      debian: ['sudo apt-get install --no-install-recommends uidmap'],
      fedora: ['sudo dnf install shadow-utils'],
      arch: ['sudo pacman -S shadow'],
    },
  })
})

test('doctor() reports a newuidmap without its set-uid bit', async ({ skip }) => {
  const ordinary: Situation = ROOT ? granted('vct:300000:65536\\n') : {}
  skipWhen(
    skip,
    (await seen(ordinary))('newuidmap').found.includes('without a range'),
    'this user has no range',
  )
  const directory = await temporaryDirectory()
  await pathWithout(directory, 'newuidmap')
  await copyFile('/usr/bin/newuidmap', join(directory, 'newuidmap'))
  await chmod(join(directory, 'newuidmap'), 0o755)
  const one = (await seen({ ...ordinary, env: { PATH: directory } }))('newuidmap')
  expect(one.status).toBe('missing')
  expect(one.found).toContain(`${directory}/newuidmap is not set-uid: newuidmap: `)
  expect(one.fix).toMatchObject({ debian: ['sudo apt-get install --reinstall uidmap'] })
})

test('doctor() reports no_new_privs, under which newuidmap fails', async ({ skip }) => {
  const ordinary: Situation = ROOT ? granted('vct:300000:65536\\n') : {}
  skipWhen(
    skip,
    (await seen(ordinary))('newuidmap').found.includes('without a range'),
    'this user has no range',
  )
  const one = (await seen({ ...ordinary, through: ['setpriv', '--no-new-privs'] }))('newuidmap')
  expect(one).toMatchObject({ status: 'missing', found: expect.stringContaining('no_new_privs') })
})

test('doctor() reports missing uids for root only in a user namespace with one uid', async ({
  skip,
}) => {
  const inside = await seen({ through: ['unshare', '--user', '--map-root-user'] })
  expect(inside('newuidmap').status).toBe('unneeded')
  expect(inside('subuid-range')).toMatchObject({
    status: 'missing',
    found: 'root of this process is in a user namespace with only 1 uids',
  })
  skipWhen(skip, !ROOT, 'the other half is for root')
  const outside = await seen()
  expect(outside('newuidmap').status).toBe('unneeded')
  expect(outside('subuid-range').status).toBe('unneeded')
})
