import { open, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { defineService } from '../../src/index.ts'
import { script } from '../helpers/services.ts'
import { up } from '../helpers/session.ts'
import { temporaryDirectory } from '../helpers/temporary.ts'

test("values, files, client files, environment and handle see one another's results", async () => {
  const service = defineService({
    kind: 'everything',
    programs: ['sh', 'cat'],
    ports: ['http', 'admin'],
    values: async ({ name }) => ({ token: `token of ${name}`, nested: { list: [1, true, null] } }),
    files: ({ ports, values, directory }) => ({
      'conf/deep/main': `${values.token} ${ports.http} ${directory}\n`,
      'run.sh': { content: '#!/bin/sh\ncat conf/deep/main; exec sleep infinity\n', mode: 0o700 },
    }),
    clientFiles: ({ directory }) => ({ 'client/where': directory }),
    command: ({ directory }) => [`${directory}/run.sh`],
    env: ({ values }) => ({ TOKEN: values.token }),
    ready: { logLine: 'token of thing' },
    handle: async ({ ports, values, clientDirectory, directory, exec }) => ({
      ports,
      values,
      directory,
      where: () => readFile(join(clientDirectory, 'client/where'), 'utf8'),
      mode: async () =>
        (await exec(['stat', '-c', '%a', 'conf', 'conf/deep/main', 'run.sh'])).stdout,
      token: async () => (await exec(['printenv', 'TOKEN'])).stdout,
    }),
  })
  await using session = await up({ thing: service })
  const thing = await session.handle('thing')
  expect(Object.keys(thing.ports)).toEqual(['http', 'admin'])
  expect(thing.values).toEqual({ token: 'token of thing', nested: { list: [1, true, null] } })
  expect(await thing.log.text()).toBe(`token of thing ${thing.ports.http} /srv/thing\n`)
  expect(await thing.where()).toBe(thing.directory)
  expect(await thing.mode()).toBe('755\n600\n700\n')
  expect(await thing.token()).toBe('token of thing\n')
  const client = join(session.plan.paths.client, 'thing/client/where')
  expect((await stat(client)).mode & 0o777).toBe(0o600)
})

test('a handle may have a property with the name of a common one', async () => {
  const service = defineService({
    kind: 'thing',
    command: () => ['/bin/sleep', 'infinity'],
    ready: 'started',
    handle: ({ exec }) => ({
      restart: () => 'mine',
      first: async () => (await exec(['pwd'])).stdout,
    }),
  })
  await using session = await up({ thing: service })
  const thing = await session.handle('thing')
  expect(thing.restart()).toBe('mine')
  expect(await thing.first()).toBe('/srv/thing\n')
})

test('a state is made once, by programs of the tree, and copied with its modes', async () => {
  vi.stubEnv('XDG_CACHE_HOME', await temporaryDirectory())
  let made = 0
  const service = defineService({
    kind: 'stateful',
    state: {
      inputs: ({ name }) => ({ name, version: 1 }),
      make: async ({ exec, write, directory, read }) => {
        made++
        await write({ 'deep/input': 'from the test' })
        await exec([
          'sh',
          '-c',
          'tr a-z A-Z <deep/input >output; chmod 640 output; ln -s output link',
        ])
        expect((await exec(['pwd'])).stdout).toBe(`${directory}\n`)
        expect(await read('output')).toBe('FROM THE TEST')
      },
    },
    command: () => ['/bin/sh', '-c', 'cat link; echo; echo changed >output; exec sleep infinity'],
    ready: { logLine: '.' },
  })
  for (let session = 0; session < 2; session++) {
    await using opened = await up({ one: service })
    const one = await opened.handle('one')
    await one.log.waitFor('FROM THE TEST')
    expect((await one.exec(['stat', '-c', '%a', 'output'])).stdout).toBe('640\n')
  }
  expect(made).toBe(1)
  vi.unstubAllEnvs()
})

test('a unit has the limits of its definition, and denied system calls do nothing', async () => {
  await using session = await up({
    limited: script('ulimit -n; mkdir made; [ -e made ] || echo nothing made; exec sleep inf', {
      unit: { LimitNOFILE: 123, SystemCallDeny: ['mkdir:0', 'mkdirat:0'] },
      ready: { logLine: 'made' },
    }),
  })
  const { log, exec } = await session.handle('limited')
  expect(await log.text()).toBe('123\nnothing made\n')
  // exec runs in the same tree, under the same filter
  expect((await exec(['sh', '-c', 'mkdir other; ls'])).stdout).toBe('')
})

test('close() stops a service with its stopSignal and waits for it', async () => {
  const session = await up({
    polite: script('trap "echo saved; exit 0" TERM; echo up; while :; do sleep 0.05; done', {
      stopSignal: 'SIGTERM',
      ready: { logLine: 'up' },
    }),
  })
  const { log } = await session.handle('polite')
  // The log is removed with the session: it is read through a descriptor opened before
  await using file = await open(log.path)
  await session.close()
  expect(await file.readFile('utf8')).toMatch(/^up\n(Terminated\n)?saved\n$/)
})

test("files outside the service's directory are refused", async () => {
  for (const path of ['../out', '/../../out', ''])
    await expect(up({ one: script('true', { files: () => ({ [path]: 'x' }) }) })).rejects.toThrow(
      /a key of files\(\) is .*, which (has \.\. in it|begins with \/|names the directory itself)/,
    )
})
