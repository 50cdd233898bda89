// @module-tag user
// @module-tag private
import { spawn } from 'node:child_process'
import { readdirSync, readFileSync, watch } from 'node:fs'
import { access, mkdir, readdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { expect, test } from 'vitest'
import { nothingLeft } from '../../../../test/support/leftovers.ts'
import { sweep } from '../../src/lifetime/sweep.ts'
import { child, started } from '../helpers/child.ts'
import { dead } from '../helpers/dead.ts'
import { ownTemporary } from '../helpers/own-temporary.ts'
import { processesOf } from '../helpers/processes.ts'
import { ask, redis } from '../helpers/services.ts'
import { up } from '../helpers/session.ts'
import { removeAsCleaner } from '../helpers/temporary.ts'

interface Opened {
  readonly id: string
  readonly directory: string
  readonly port: number
}

const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  )

/** A session whose processes (those given, then the owner) were killed. */
async function orphan(...scripts: readonly string[]): Promise<string> {
  const { said, process: owner, ended } = await child<Opened>('./opens-session.ts')
  expect(await ask(said.port, 'PING\r\n')).toBe('+PONG\r\n')
  const pids = await Promise.all(scripts.map((script) => processesOf(said.id, script)))
  expect(pids[0]?.length).toBeGreaterThan(0)
  for (const pid of pids.flat()) process.kill(pid, 'SIGKILL')
  owner.kill('SIGKILL')
  await ended
  return said.id
}

/** The keepers that a process started. */
function keepersOf(pid: number): number[] {
  const threads = readdirSync(`/proc/${pid}/task`)
  const children = threads.flatMap((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').split(' ').filter(Boolean),
  )
  const isKeeper = (child: string) => readFileSync(`/proc/${child}/cmdline`).includes('keeper.sh')
  return children.filter(isKeeper).map(Number)
}

const OPENS_SESSION = fileURLToPath(new URL('../helpers/opens-session.ts', import.meta.url))

const AXES = { tags: ['private', 'systemd'] }

test('a session whose keeper and owner were killed is removed', AXES, async () => {
  const temporary = await ownTemporary()
  const id = await orphan('keeper.sh')
  await nothingLeft({ ids: [id] })
  await temporary.nothingLeft()
})

test.for([
  ['has made its directory', 1],
  ['has renamed its directory', 2],
])(
  'nothing is left if owner and keeper are killed as soon as the keeper %s',
  AXES,
  async ([, changes]) => {
    const temporary = await ownTemporary()
    const seen = Promise.withResolvers<void>()
    let count = 0
    const watcher = watch(temporary.base, () => {
      count++
      if (count === changes) seen.resolve()
    })
    const owner = spawn(process.execPath, [OPENS_SESSION], { stdio: 'ignore' })
    await seen.promise
    watcher.close()
    const pids = [owner.pid as number, ...keepersOf(owner.pid as number)]
    for (const pid of pids) process.kill(pid, 'SIGKILL')
    await temporary.nothingLeft()
    expect(await temporary.ids()).toHaveLength(1)
  },
)

test.for([0, 2, 5, 20])(
  'a keeper killed %i ms after it made its directory is an error, or does not matter',
  AXES,
  async (later) => {
    const temporary = await ownTemporary()
    const seen = Promise.withResolvers<void>()
    const watcher = watch(temporary.base, () => seen.resolve())
    const opening = up({ redis: redis() })
    opening.catch(() => {})
    await seen.promise
    watcher.close()
    await wait(later)
    for (const pid of keepersOf(process.pid)) process.kill(pid, 'SIGKILL')
    // Once the manager has started, opening does not need the keeper any more
    await opening.then(
      (session) => session.close(),
      (error) =>
        expect(error).toMatchObject({
          code: expect.stringMatching(/^(SESSION_DIRECTORY|NO_MANAGER)$/),
        }),
    )
    await temporary.nothingLeft()
  },
)

test(
  'a session whose lease no process watches any more is removed by the next session',
  AXES,
  async () => {
    const temporary = await ownTemporary()
    const id = await orphan('keeper.sh', 'watch-lease.sh')
    {
      await using session = await up({ redis: redis() })
      expect(session.id).not.toBe(id)
      // The user manager also removes it, at the same time
      await nothingLeft({ ids: [id] })
      expect(await readdir(temporary.base)).toEqual([session.id])
    }
    expect(await temporary.leftovers()).toEqual([])
  },
)

test('a sweep does not touch a live session', async () => {
  const temporary = await ownTemporary()
  const { said, process: owner } = await child<Opened>('./opens-session.ts')
  expect(await sweep(temporary.base)).toEqual([])
  {
    await using session = await up({ redis: redis() })
    expect((await readdir(temporary.base)).sort()).toEqual([said.id, session.id].sort())
    expect(await ask(said.port, 'PING\r\n')).toBe('+PONG\r\n')
  }
  expect(await ask(said.port, 'PING\r\n')).toBe('+PONG\r\n')
  owner.kill('SIGKILL')
  await temporary.nothingLeft()
})

test('a session whose directory was removed still ends with its owner', async () => {
  const { base } = await ownTemporary()
  const { said, process: owner } = await child<Opened>('./opens-session.ts')
  // such as a cleaner of /tmp, or a job that removes its TMPDIR
  await removeAsCleaner(base)
  owner.kill('SIGKILL')
  await nothingLeft({ ids: [said.id] })
})

test('a sweep removes what dead sessions left, and returns their ids', async () => {
  const { base } = await ownTemporary()
  await dead(base, '0123abcd')
  await dead(base, '4567cdef', { seconds: 1_000_000 })
  expect((await sweep(base)).sort()).toEqual(['0123abcd', '4567cdef'])
  expect(await readdir(base)).toEqual([])
})

test('an unfinished directory is removed once its keeper has died', async () => {
  const { base } = await ownTemporary()
  await dead(base, '.new-00000001', { id: '00000001' })
  const unfinished = await dead(base, '.new-00000002', { id: '00000002' })
  const keeper = await started('flock', join(unfinished, 'lock'), 'sh', '-c', 'echo held; exec cat')
  await sweep(base)
  expect(await readdir(base)).toEqual(['.new-00000002'])
  keeper.process.stdin.end()
  await keeper.ended
})

test('a sweep does not touch anything that is not a session of this user', async () => {
  const { base, path } = await ownTemporary()
  await mkdir(join(base, '00000001/something'), { recursive: true }) // no marker
  await dead(base, '00000002', { id: '0badc0de' }) // the marker of another session
  await dead(base, 'not-an-id')
  await dead(base, '0123ABCD')
  await dead(path, '00000003')
  await symlink(join(path, '00000003'), join(base, '00000003')) // a session elsewhere
  await writeFile(join(base, '00000004'), 'vitest-cluster session 1\n') // a file
  const foreign = await dead(base, '00000005')
  const root = process.getuid?.() === 0
  // Only root can create files of another user
  if (root) await execa('chown', ['-R', '4242:4242', foreign])
  const before = await readdir(base)
  await sweep(base)
  expect(await readdir(base)).toEqual(before.filter((name) => root || name !== '00000005'))
  expect(await exists(join(path, '00000003/session'))).toBe(true)
})

test('a sweep does not touch a session whose lock is held', async () => {
  const { base } = await ownTemporary()
  const directory = await dead(base, '00000001')
  const lock = join(directory, 'lock')
  const holder = await started('flock', lock, 'sh', '-c', 'echo held; exec cat')
  expect(await sweep(base)).toEqual([])
  expect(await exists(join(directory, 'session'))).toBe(true)
  holder.process.stdin.end()
  await holder.ended
  expect(await sweep(base)).toEqual(['00000001'])
})

test('a sweep of a missing directory does nothing', async () => {
  expect(await sweep('/nowhere/at/all')).toEqual([])
})
