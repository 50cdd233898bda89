// @module-tag user
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import { defineService, type ServiceInput } from '../../src/index.ts'
import { ownTemporary } from '../helpers/own-temporary.ts'
import { script } from '../helpers/services.ts'
import { up } from '../helpers/session.ts'
import { temporaryDirectory } from '../helpers/temporary.ts'

/** A file of the host that no service may change, read or own, in a directory that every user may enter. */
async function victim() {
  const directory = await temporaryDirectory()
  const path = join(directory, 'victim')
  await writeFile(path, 'secret', { mode: 0o600 })
  const before = await stat(path)
  const untouched = async () => {
    const { uid, gid, mode, ino } = await stat(path)
    expect({ uid, gid, mode, ino }).toEqual({
      uid: before.uid,
      gid: before.gid,
      mode: before.mode,
      ino: before.ino,
    })
    expect(await readFile(path, 'utf8')).toBe('secret')
    expect(execFileSync('ls', ['-A', directory]).toString()).toBe('victim\n')
  }
  return { directory, path, untouched }
}

/** Opens a service that replaces its files by links and reports that its port is taken, so that it is started again. */
async function startReplacing(text: string, files: ServiceInput['files'], options: object = {}) {
  const starts: string[] = []
  const service = defineService({
    kind: 'thief',
    ports: ['http'],
    files: async (context) => {
      starts.push(context.name)
      return (await files?.(context)) ?? {}
    },
    command: () => ['/bin/sh', '-c', `${text}\necho 'bind: Address already in use'; exit 1`],
    ready: 'notify',
    ...options,
  })
  const error = await up({ thief: service }).then(
    (session) => session.close().then(() => expect.unreachable('it opened')),
    (error: Error) => error,
  )
  return { error, starts }
}

describe('a service replaces its files before the run writes them again', () => {
  test('a link in place of a file is replaced', async () => {
    const { path, untouched } = await victim()
    const { error, starts } = await startReplacing(`rm conf; ln -s ${path} conf`, () => ({
      conf: 'new',
    }))
    expect(error).toMatchObject({ code: 'PORT_LOST' })
    expect(starts.length).toBeGreaterThan(1)
    await untouched()
  })

  test('a link in place of a directory is an error', async () => {
    const { directory, untouched } = await victim()
    const text = `rm -r conf; ln -s ${directory} conf`
    const { error } = await startReplacing(text, () => ({
      'conf/victim': 'new',
      'conf/more': 'new',
    }))
    expect(error).toMatchObject({ code: 'INVALID_DEFINITION', details: { service: 'thief' } })
    expect(error.message).toContain('conf is a symbolic link')
    await untouched()
  })

  test("a link in place of the service's directory is not followed", async () => {
    const { directory, untouched } = await victim()
    const text = `cd /; mv /srv/thief /srv/old; ln -s ${directory} /srv/thief`
    const { error } = await startReplacing(text, () => ({ victim: 'new', more: 'new' }))
    // If the manager runs in the tree, or root made the tree, the service cannot change /srv
    expect(['INVALID_DEFINITION', 'PORT_LOST']).toContain((error as { code?: string }).code)
    await untouched()
  })

  test('a FIFO in place of a file is not waited for', async () => {
    const { error } = await startReplacing('rm conf; mkfifo conf', () => ({ conf: 'new' }))
    expect(error).toMatchObject({ code: 'PORT_LOST' })
  })
})

test('a state with links is written, kept and copied without following the links', async () => {
  const { directory, path, untouched } = await victim()
  vi.stubEnv('XDG_CACHE_HOME', await temporaryDirectory())
  const made: string[] = []
  const stateful = defineService({
    kind: 'script',
    command: () => ['/usr/bin/sleep', 'infinity'],
    ready: 'started',
    state: {
      inputs: () => ({ made: path }),
      async make({ exec, write }) {
        made.push('once')
        const text = `ln -s ${path} file; ln -s ${directory} way; ln -s ${path} kept; mkfifo pipe`
        await exec(['/bin/sh', '-c', text])
        await write({ file: 'new' })
        await expect(write({ 'way/victim': 'new' })).rejects.toThrow('symbolic link')
      },
    },
    files: () => ({ kept: 'mine' }),
    handle: ({ exec, read }) => ({
      list: async () => (await exec(['/bin/sh', '-c', 'stat -c "%n %F" *'])).stdout,
      read,
    }),
  })
  for (const round of [1, 2]) {
    await using session = await up({ stateful })
    const handle = await session.handle('stateful')
    expect(await handle.list(), `round ${round}`).toBe(
      ['file regular file', 'kept regular file', 'pipe fifo', 'way symbolic link', ''].join('\n'),
    )
    expect(await handle.read('file')).toBe('new')
    await expect(handle.read('way/victim')).rejects.toThrow('symbolic link')
    await expect(handle.read('pipe')).rejects.toThrow('is not a regular file')
    await expect(handle.read('../../../../../../etc/passwd')).rejects.toThrow('leaves')
  }
  expect(made).toEqual(['once'])
  await untouched()
})

test('a link in place of a log is neither read, kept nor emptied', async () => {
  const { path, untouched } = await victim()
  const place = await temporaryDirectory()
  const temporary = await ownTemporary()
  {
    await using session = await up({ one: script('echo hello; exec sleep infinity') })
    const { log } = await session.handle('one')
    expect(await log.waitFor('hello')).toBe('hello')
    // As the tree's root could if the manager runs in the tree
    const at = session.plan.services['one']?.log ?? ''
    execFileSync('ln', ['-sf', path, at])
    expect(await log.text()).toMatch(/^not read: .* is a symbolic link/)
    expect((await log.tail()).join()).not.toContain('secret')
    await expect(log.waitFor('secret')).rejects.toThrow('symbolic link')
    const { keepLogs } = await import('../../src/logs/kept.ts')
    await keepLogs(session.plan.paths.directory, place).catch(() => {})
    const { emptyLog } = await import('../../src/logs/file.ts')
    await expect(emptyLog(at)).rejects.toThrow('symbolic link')
    expect(() => readFileSync(join(place, session.id, 'one.log'))).toThrow('ENOENT')
  }
  await untouched()
  await temporary.nothingLeft()
})

test('output of exec is read from the files that the run opened, also if they have been replaced', async () => {
  const { path, untouched } = await victim()
  await using session = await up({ one: script('sleep infinity') })
  const { exec } = await session.handle('one')
  const output = session.plan.paths.output
  const running = exec([
    '/bin/sh',
    '-c',
    'echo mine; until [ -e /srv/one/go ]; do sleep 0.02; done',
  ])
  await vi.waitFor(() => {
    const [id = ''] = execFileSync('ls', [output]).toString().trim().split('\n')
    const stdout = join(output, id, 'stdout')
    // Only after systemd has opened it
    expect(readFileSync(stdout, 'utf8')).toBe('mine\n')
    execFileSync('ln', ['-sf', path, stdout])
  })
  writeFileSync(join(session.plan.paths.root, 'srv/one/go'), '')
  expect((await running).stdout).toBe('mine\n')
  expect(execFileSync('ls', ['-A', output]).toString()).toBe('')
  await untouched()
})
