// @module-tag user
import { chmod, mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { doctor } from '../../src/index.ts'
import { child } from '../helpers/child.ts'
import { dead } from '../helpers/dead.ts'
import { ownTemporary } from '../helpers/own-temporary.ts'
import { opened, ROOT, seen } from '../helpers/situation.ts'
import { temporaryDirectory } from '../helpers/temporary.ts'

function sessionsIn(size: string) {
  return seen({
    before: `mount -t tmpfs -o mode=1777,size=${size} tmpfs /mnt`,
    env: { TMPDIR: '/mnt', XDG_CACHE_HOME: '/mnt' },
  })
}

test('doctor() distinguishes disks that are nearly full, small and large enough', async () => {
  expect((await sessionsIn('512k'))('disk-space')).toMatchObject({
    status: 'missing',
    found: '524 kB in /mnt, 524 kB in /mnt/vitest-cluster',
    neededFor: ['session'],
  })
  expect((await sessionsIn('64m'))('disk-space').status).toBe('warning')
  expect((await sessionsIn('512m'))('disk-space').status).toBe('ok')
})

const look = async (TMPDIR: string) => {
  const list = await doctor({ env: { ...process.env, TMPDIR } })
  return (id: string) => list.find((one) => one.id === id)
}

test("doctor() finds the sessions' directory, or that it can be created", async () => {
  const { path, base } = await ownTemporary()
  expect((await look(path))('session-directory')).toMatchObject({ status: 'ok', found: base })
  await rm(base, { recursive: true })
  expect((await look(path))('session-directory')).toMatchObject({
    status: 'ok',
    found: `${base} can be created`,
  })
})

test("doctor() reports a sessions' directory that openSession() refuses", async () => {
  const { path, base } = await ownTemporary()
  const complaint = `${base} is not a directory that only you may enter`
  const refused = async (found: string) => {
    expect((await look(path))('session-directory')).toMatchObject({ status: 'missing', found })
    const { code, message } = await opened()
    expect(code).toBe('SESSION_DIRECTORY')
    expect(message).toContain(base)
  }
  await chmod(base, 0o755)
  await refused(complaint)
  await rm(base, { recursive: true })
  await writeFile(base, '')
  await refused(complaint)
  await rm(base)
  if (!ROOT) {
    await chmod(path, 0o500)
    await refused(`${path} is not writable (EACCES)`)
    await chmod(path, 0o700)
  }
})

test('doctor() and openSession() report a TMPDIR that is one byte too long for a socket', async () => {
  const short = await temporaryDirectory()
  const name = (bytes: number) => join(short, 'x'.repeat(bytes - short.length - 1))
  const limit =
    107 - '/12345678/cluster/control/bus'.length - `/vitest-cluster-${process.getuid?.()}`.length
  await mkdir(name(limit))
  await mkdir(name(limit + 1))
  expect((await look(name(limit)))('session-directory')?.status).toBe('ok')
  expect((await look(name(limit + 1)))('session-directory')?.status).toBe('missing')
  vi.stubEnv('TMPDIR', name(limit))
  expect(await opened()).toMatchObject({ message: '' })
  vi.stubEnv('TMPDIR', name(limit + 1))
  expect(await opened()).toMatchObject({ code: 'SESSION_DIRECTORY' })
  vi.unstubAllEnvs()
})

test('doctor() reports dead sessions, and no live ones', async () => {
  const { path, base, nothingLeft } = await ownTemporary()
  const { process: owner } = await child('./opens-session.ts')
  expect((await look(path))('stale-sessions')).toMatchObject({ status: 'ok', found: 'none' })
  await dead(base, '0123abcd')
  expect((await look(path))('stale-sessions')).toMatchObject({
    status: 'warning',
    found: `1 in ${base}: 0123abcd`,
  })
  owner.kill('SIGKILL')
  await rm(join(base, '0123abcd'), { recursive: true })
  await nothingLeft()
})
