// @module-tag user
// @module-tag systemd
import { test as base, expect } from 'vitest'
import type { CommonHandle } from '../../src/index.ts'
import { script } from '../helpers/services.ts'
import { up } from '../helpers/session.ts'

const test = base.extend<{ $file: { box: CommonHandle } }>({
  box: [
    // biome-ignore lint/correctness/noEmptyPattern: Vitest reads the parameter's source
    async ({}, use) => {
      const env = () => ({ OWN: 'of the service' })
      await using session = await up({ box: script('exec sleep infinity', { env }) })
      await use(await session.handle('box'))
    },
    { scope: 'file' },
  ],
})

test('stdout and stderr are returned separately, with the exit code', async ({ box }) => {
  const argv = ['sh', '-c', 'echo out; echo err >&2; exit "$1"', 'sh']
  expect(await box.exec([...argv, '0'])).toEqual({ stdout: 'out\n', stderr: 'err\n', exitCode: 0 })
  expect(await box.exec([...argv, '255'], { allowFailure: true })).toMatchObject({ exitCode: 255 })
})

test('stdin is empty, or the option input', async ({ box }) => {
  expect((await box.exec(['cat'])).stdout).toBe('')
  const input = `ä\0b\n${'long '.repeat(10_000)}no newline`
  expect((await box.exec(['cat'], { input })).stdout).toBe(input)
})

test("the environment is the service's, extended by the option env", async ({ box }) => {
  const argv = ['sh', '-c', 'echo "$OWN, $MORE"']
  expect((await box.exec(argv)).stdout).toBe('of the service, \n')
  expect((await box.exec(argv, { env: { OWN: 'new', MORE: '$HOME "%h"' } })).stdout).toBe(
    'new, $HOME "%h"\n',
  )
})

test("the working directory is the service's, or the option cwd", async ({ box }) => {
  expect((await box.exec(['pwd'])).stdout).toBe('/srv/box\n')
  expect((await box.exec(['pwd'], { cwd: '/usr/lib' })).stdout).toBe('/usr/lib\n')
})

test('arguments reach the program unchanged', async ({ box }) => {
  // systemd would interpret some of them in a unit file
  const dollars = ['$HOME', '$$', '$', `$${'{HOME}'}`, 'a$HOME', `a$${'{HOME}'}b`, '$(id)']
  const words = [
    'a b',
    '',
    '%n',
    '100%',
    '"',
    "'",
    '\\',
    '\\x20',
    ';',
    '*',
    '-',
    '@',
    'ä',
    ...dollars,
  ]
  const { stdout } = await box.exec(['printf', '%s\\n', ...words])
  expect(stdout.split('\n').slice(0, -1)).toEqual(words)
})

test('the error of a failed program has its command, its end and its last lines', async ({
  box,
}) => {
  const run = box.exec(['sh', '-c', 'echo one; echo two >&2; exit 4'])
  await expect(run).rejects.toMatchObject({
    code: 'EXEC_FAILED',
    message: expect.stringContaining('box: sh -c echo one; echo two >&2; exit 4 ended with 4'),
    details: { service: 'box', log: ['one', 'two'] },
  })
})

test("the exit code of a program that a signal ended is 128 and the signal's number", async ({
  box,
}) => {
  const result = await box.exec(['sh', '-c', 'kill -TERM $$'], { allowFailure: true })
  expect(result).toMatchObject({ exitCode: 143 })
})

// Long enough for the program to start on a busy machine
test('a program that exceeds the timeout is killed, and the error has its output', async ({
  box,
}) => {
  const run = box.exec(['sh', '-c', 'echo begun; exec sleep 60'], { timeout: 2_000 })
  await expect(run).rejects.toMatchObject({
    code: 'EXEC_FAILED',
    message: expect.stringContaining('did not end within 2000 ms'),
    details: { log: ['begun'] },
  })
  // allowFailure covers only failures of the program itself
  const tolerant = box.exec(['sleep', '60'], { timeout: 100, allowFailure: true })
  await expect(tolerant).rejects.toThrow('did not end within 100 ms')
})

test('a missing program is an error', async ({ box }) => {
  for (const program of ['/usr/bin/no-such-program', 'no-such-program'])
    await expect(box.exec([program])).rejects.toMatchObject({
      code: 'EXEC_FAILED',
      message: expect.stringContaining('cannot be executed: there is no '),
    })
})

test('a command that is not an array of strings is refused', async ({ box }) => {
  for (const argv of ['ls -l', [], undefined, [1], ['ls', null]])
    await expect(box.exec(argv as string[])).rejects.toThrow(
      /^box: exec: argv.* is (empty|missing|.*, which is not (an array|a string)) \[EXEC_FAILED\]\n {2}fix: exec\(\['ls'/,
    )
})

test.for([
  [{ cwd: '' }, 'exec: cwd is "", which does not begin with /'],
  [{ cwd: 'data' }, 'exec: cwd is "data", which does not begin with /'],
  [{ cwd: '/srv/../etc' }, 'which has .. in it'],
  [{ cwd: null }, 'exec: cwd is null, which is not a string'],
  [{ env: { 'A=B': 'x' } }, 'exec: a key of env is "A=B", which has = in it'],
  [{ env: { 'A\0B': 'x' } }, 'which has a NUL character'],
  [{ env: { A: 5 } }, 'exec: env.A is 5, which is not a string'],
  [{ env: ['A=B'] }, 'exec: env is ["A=B"], which is not an object'],
  [{ timeout: 0 }, 'exec: timeout is 0, which is not a valid timeout'],
  [{ timeout: -1 }, 'exec: timeout is -1, which is not a valid timeout'],
  [{ timeout: Number.NaN }, 'exec: timeout is NaN, which is not a valid timeout'],
  [
    { timeout: Number.POSITIVE_INFINITY },
    'exec: timeout is Infinity, which is not a valid timeout',
  ],
  [{ timeout: 2 ** 31 }, 'exec: timeout is 2147483648, which is not a valid timeout'],
  [{ timeout: '5s' }, 'exec: timeout is "5s", which is not a valid timeout'],
  [{ user: 0 }, 'exec: user is 0, which is not the name of an account'],
  [{ user: 'constructor' }, 'constructor'],
  [{ input: {} }, 'exec: input is {}, which is not text, bytes or a stream of these'],
  [{ input: 5 }, 'exec: input is 5, which is not text, bytes or a stream of these'],
  [{ input: null }, 'exec: input is null, which is not text, bytes or a stream of these'],
  [{ input: [5] }, 'the input of exec has the piece 5, which is neither text nor bytes'],
  [{ encoding: 'latin1' }, 'exec: encoding is "latin1", which is not supported'],
  [{ stdout: 'inherit' }, 'exec: stdout is "inherit", which is not a Writable'],
  [{ stderr: { write() {} } }, 'exec: stderr is {}, which is not a Writable'],
  [{ allowFailure: 'yes' }, 'exec: allowFailure is "yes", which is not a boolean'],
  [{ shell: true }, 'exec: there is no option "shell"'],
  [{ timeOut: 5 }, 'exec: there is no option "timeOut"'],
  [null, 'exec: options is null, which is not an object'],
  ['/srv', 'exec: options is "/srv", which is not an object'],
] as [object, string][])('an option is refused with: $1', async ([options, message], { box }) => {
  await expect(box.exec(['true'], options)).rejects.toMatchObject({
    code: 'EXEC_FAILED',
    details: {
      service: 'box',
      message: expect.stringContaining(message),
      fix: expect.stringMatching(/./),
    },
  })
})

test('an option that is undefined counts as left out', async ({ box }) => {
  const options = { cwd: undefined, env: undefined, timeout: undefined, input: undefined } as object
  expect((await box.exec(['pwd'], options)).stdout).toBe('/srv/box\n')
})

test('several programs can run at the same time', async ({ box }) => {
  const numbers = Array.from({ length: 8 }, (_, number) => `${number}`)
  const results = await Promise.all(numbers.map((number) => box.exec(['echo', number])))
  expect(results.map(({ stdout }) => stdout.trim())).toEqual(numbers)
})
