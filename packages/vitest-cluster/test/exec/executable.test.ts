// @module-tag user
import { expect, test } from 'vitest'
import type { FileContent, StateContext } from '../../src/index.ts'
import { failureOf } from '../helpers/failure.ts'
import { script } from '../helpers/services.ts'
import { up } from '../helpers/session.ts'

/** ELF programs for another machine, and for this one with a missing dynamic loader. */
function elf({ machine = process.arch === 'x64' ? '\x3e' : '\x28', loader = '' } = {}): string {
  const header = `\x7fELF\x02\x01\x01${'\0'.repeat(9)}\x02\0${machine}\0${'\0'.repeat(12)}\x40`
  const counts = `${header.padEnd(54, '\0')}\x38\0\x01\0`.padEnd(64, '\0')
  const length = String.fromCharCode(loader.length + 1)
  const segment = `\x03${'\0'.repeat(7)}\x78`.padEnd(32, '\0') + length
  return `${counts}${segment.padEnd(56, '\0')}${loader}\0`
}

const executable = (content: string): FileContent => ({ content, mode: 0o755 })
const other = process.arch === 'arm' ? ['\x3e', 'x64'] : ['\x28', 'arm']

const FILES: Readonly<Record<string, FileContent>> = {
  plain: '#!/bin/sh\n',
  others: { content: '#!/bin/sh\n', mode: 0o655 },
  empty: executable(''),
  text: executable('echo here\n'),
  python: executable('#!/usr/bin/no-python -u\n'),
  nested: executable('#!/srv/box/python\n'),
  dos: executable('#!/bin/sh\r\necho\r\n'),
  foreign: executable(elf({ machine: other[0] })),
  musl: executable(elf({ loader: '/lib/ld-none.so.1' })),
  // A program that runs and exits with the codes of a shell and of systemd for programs that cannot be executed
  ends: executable('#!/bin/sh\nexit $1\n'),
}

const CASES: readonly (readonly [program: string, says: string])[] = [
  ['/usr/bin/no-such', 'there is no /usr/bin/no-such in its tree [EXEC'],
  ['no-such', 'there is no program no-such in /usr/local/sbin, '],
  ['/opt/app/bin/app', 'there is no /opt/app/bin/app in its tree: /opt/app does not exist [EXEC'],
  ['/srv/box/plain', '/srv/box/plain exists, but is not executable (mode 0600)'],
  ['/srv/box/plain/x', '/srv/box/plain is not a directory, so /srv/box/plain/x does not exist'],
  ['/usr/bin', '/usr/bin is a directory'],
  ['/srv/box/empty', '/srv/box/empty is neither a script, which begins with #!, nor a program'],
  ['/srv/box/text', '/srv/box/text is neither a script, which begins with #!, nor a program'],
  ['/srv/box/python', 'is a script for /usr/bin/no-python, and there is no /usr/bin/no-python in'],
  [
    '/srv/box/nested',
    'is a script for /srv/box/python, and /srv/box/python is a script for /usr/b',
  ],
  ['/srv/box/dos', 'names the interpreter /bin/sh with a carriage return after it'],
  ['/srv/box/foreign', `is a program for ${other[1]}; this machine is ${process.arch}`],
  [
    '/srv/box/musl',
    'needs the dynamic loader /lib/ld-none.so.1, and there is no /lib/ld-none.so.1',
  ],
  ['/srv/box/link', 'there is no /srv/box/link in its tree (a link to /nowhere)'],
  ['/srv/box/round', '/srv/box/round leads through a cycle of symbolic links'],
]

test('the error of exec has the reason why a program cannot be executed, and where it was searched', async () => {
  await using session = await up({ box: script('exec sleep 1000', { files: () => FILES }) })
  const box = await session.handle('box')
  await box.exec(['sh', '-c', 'ln -s /nowhere link; ln -s round round'])
  const cases = [...CASES]
  if (session.plan.uids === 'one')
    cases.push([
      '/srv/box/others',
      'its account session may not execute /srv/box/others (mode 0655)',
    ])
  for (const [program, says] of cases) {
    // allowFailure covers only failures of the program itself
    const error = await box.exec([program], { allowFailure: true }).catch((each: Error) => each)
    expect(error).toMatchObject({
      code: 'EXEC_FAILED',
      message: expect.stringContaining(`box: ${program} cannot be executed: `),
      details: { fix: expect.stringMatching(/\.$/) },
    })
    expect(error).toMatchObject({ message: expect.stringContaining(says) })
  }
  // Through env(1), which exits with 127
  const env = { 'a.b': 'systemd does not take this name' }
  await expect(box.exec(['/usr/bin/no-such'], { env })).rejects.toThrow('there is no /usr/bin/no')
  for (const status of [126, 127, 203]) {
    const { exitCode } = await box.exec(['/srv/box/ends', `${status}`, 'x'], { allowFailure: true })
    expect(exitCode).toBe(status)
  }
})

test.for([
  [
    'command',
    { command: () => ['/srv/web/run'] },
    'its program cannot be executed: there is no /s',
  ],
  ['ready: exec', { ready: { exec: ['/srv/web/ask'] }, readyTimeout: 300 }, '; awaited: the first'],
  [
    'state.make',
    {
      state: {
        inputs: () => `${Math.random()}`,
        make: async ({ exec }: StateContext) => void (await exec(['/srv/web/make'])),
      },
    },
    '/srv/web/make cannot be executed: there is no /srv/web/make in its tree',
  ],
] as const)('a missing program of %s is reported with its path', async ([, service, says]) => {
  const { message } = await failureOf({ web: script('exec sleep 1000', service) })
  expect(message).toContain(says)
  expect(message).toMatch(/cannot be executed: there is no \/srv\/web\/(run|ask|make) in its tree/)
  expect(message).not.toContain('last lines')
})
