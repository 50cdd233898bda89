// @module-tag systemd
/** Variables of a service: the service and its programs have them, the library's scripts do not. */
import { readFile } from 'node:fs/promises'
import { test as base, expect } from 'vitest'
import type { OpenedSession } from '../../src/open/session.ts'
import { processesOf } from '../helpers/processes.ts'
import { memcached, script } from '../helpers/services.ts'
import { up } from '../helpers/session.ts'

/** Variables that change a shell, the C library and their tools. */
const HOSTILE = {
  PATH: '/nowhere',
  IFS: '/',
  ENV: '/nowhere/rc',
  BASH_ENV: '/nowhere/rc',
  SHELLOPTS: 'noexec',
  PS4: '$(exit 1)',
  POSIXLY_CORRECT: '1',
  LD_PRELOAD: '/nowhere/preload.so',
  LC_ALL: 'de_DE.ISO-8859-1',
  LANG: 'de_DE',
  LANGUAGE: 'de',
  HOME: '/nowhere',
  TMPDIR: '/nowhere',
  GREP_OPTIONS: '--invert-match',
  MAINPID: '1',
  TZ: 'Nowhere/Here',
}
/** Names and values that other programs take and systemd does not. */
const ODD = {
  'discovery.type': 'single-node',
  'a-b': 'minus',
  '1A': 'digit',
  'with space': ' value ',
  'new\nline': 'a\nb',
  ümlaut: 'ä',
  '-u': 'option',
  $HOME: '$HOME %h $$',
  COLOUR: '\x1b[0m',
  LD_LIBRARY_PATH: '',
  EMPTY: '',
}
const env = () => ({ ...HOSTILE, ...ODD })
const asked = '[ "$PATH" = /nowhere ] && [ "$LC_ALL" = de_DE.ISO-8859-1 ] && [ "$MAINPID" = 1 ]'

const test = base.extend<{ $file: { session: OpenedSession } }>({
  session: [
    // biome-ignore lint/correctness/noEmptyPattern: Vitest reads the parameter's source
    async ({}, use) => {
      await using session = await up({
        listens: { ...memcached(), env },
        logs: script('echo up; exec /usr/bin/sleep 4711', { ready: { logLine: '^up$' }, env }),
        answers: {
          ...script('exec /usr/bin/sleep infinity', { env }),
          ready: { exec: ['/bin/sh', '-c', asked] },
        },
      })
      await use(session)
    },
    { scope: 'file' },
  ],
})

const variables = (text: string) => text.split('\0').filter((each) => each !== '')

test('services become ready, and restart, with any variables', async ({ session }) => {
  for (const name of ['listens', 'logs', 'answers']) await (await session.handle(name)).restart()
  const { log } = await session.handle('logs')
  // The linker complains only for the service's two programs, at each start
  const lines = (await log.text()).trim().split('\n')
  expect(lines.filter((line) => line.includes('preload.so'))).toHaveLength(4)
  expect(lines.filter((line) => !line.includes('preload.so'))).toEqual(['up', 'up'])
})

test('a service and a program of exec have all its variables', async ({ session }) => {
  const all = Object.entries(env()).map(([name, value]) => `${name}=${value}`)
  const { exec } = await session.handle('listens')
  const { stdout } = await exec(['/usr/bin/cat', '/proc/self/environ'])
  expect(variables(stdout)).toEqual(expect.arrayContaining(all))
  const [pid] = await processesOf(session.id, 'memcached')
  const environ = variables(await readFile(`/proc/${pid}/environ`, 'utf8'))
  expect(environ).toEqual(expect.arrayContaining(all))
})

test("a program's own variables override those of its service", async ({ session }) => {
  const { exec } = await session.handle('listens')
  const own = { 'discovery.type': 'zen', PATH: '/usr/bin:/bin', LD_PRELOAD: '', 'more.more': '1' }
  const { stdout } = await exec(['env', '-0'], { env: own })
  const all = Object.entries({ ...env(), ...own }).map(([name, value]) => `${name}=${value}`)
  expect(variables(stdout)).toEqual(expect.arrayContaining(all))
})

test('a missing program is reported, also with odd variables', async ({ session }) => {
  const { exec } = await session.handle('listens')
  await expect(exec(['/usr/bin/no-such-program'])).rejects.toMatchObject({
    code: 'EXEC_FAILED',
    message: expect.stringMatching(/no-such-program.*No such file/s),
  })
})
