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

test('output and errors come apart, with the exit code', async ({ box }) => {
  const argv = ['sh', '-c', 'echo out; echo err >&2; exit "$1"', 'sh']
  expect(await box.exec([...argv, '0'])).toEqual({ stdout: 'out\n', stderr: 'err\n', exitCode: 0 })
  expect(await box.exec([...argv, '255'], { allowFailure: true })).toMatchObject({ exitCode: 255 })
})

test('standard input is empty, or what is given', async ({ box }) => {
  expect((await box.exec(['cat'])).stdout).toBe('')
  const input = `ä\0b\n${'long '.repeat(10_000)}no newline`
  expect((await box.exec(['cat'], { input })).stdout).toBe(input)
})

test("the environment is the service's, and more where given", async ({ box }) => {
  const argv = ['sh', '-c', 'echo "$OWN, $MORE"']
  expect((await box.exec(argv)).stdout).toBe('of the service, \n')
  expect((await box.exec(argv, { env: { OWN: 'new', MORE: '$HOME "%h"' } })).stdout).toBe(
    'new, $HOME "%h"\n',
  )
})

test("the working directory is the service's, or another", async ({ box }) => {
  expect((await box.exec(['pwd'])).stdout).toBe('/srv/box\n')
  expect((await box.exec(['pwd'], { cwd: '/usr/lib' })).stdout).toBe('/usr/lib\n')
})

test('arguments arrive as they are', async ({ box }) => {
  // systemd has a meaning of its own for some of them in a unit file
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

test('a failure says what ran, how it ended, and its last lines', async ({ box }) => {
  const run = box.exec(['sh', '-c', 'echo one; echo two >&2; exit 4'])
  await expect(run).rejects.toMatchObject({
    code: 'EXEC_FAILED',
    message: expect.stringContaining('box: sh -c echo one; echo two >&2; exit 4 ended with 4'),
    details: { service: 'box', log: ['one', 'two'] },
  })
})

test('a signal that ends a program is 128 and its number', async ({ box }) => {
  const result = await box.exec(['sh', '-c', 'kill -TERM $$'], { allowFailure: true })
  expect(result).toMatchObject({ exitCode: 143 })
})

// Long enough for the program to have begun on a busy machine
test('a program that takes too long is ended, and what it wrote is shown', async ({ box }) => {
  const run = box.exec(['sh', '-c', 'echo begun; exec sleep 60'], { timeout: 2_000 })
  await expect(run).rejects.toMatchObject({
    code: 'EXEC_FAILED',
    message: expect.stringContaining('did not end within 2000 ms'),
    details: { log: ['begun'] },
  })
  // allowFailure is for what a program says itself
  const tolerant = box.exec(['sleep', '60'], { timeout: 100, allowFailure: true })
  await expect(tolerant).rejects.toThrow('did not end within 100 ms')
})

test('a program that is not there is told', async ({ box }) => {
  for (const program of ['/usr/bin/no-such-program', 'no-such-program'])
    await expect(box.exec([program])).rejects.toMatchObject({
      code: 'EXEC_FAILED',
      message: expect.stringContaining('cannot be executed: there is no '),
    })
})

test('what is no list of strings is refused', async ({ box }) => {
  for (const argv of ['ls -l', [], undefined, [1], ['ls', null]])
    await expect(box.exec(argv as string[])).rejects.toThrow('exec takes an array of strings')
})

test.for([
  [{ cwd: '' }, 'exec has cwd: "", which does not begin with /'],
  [{ cwd: 'data' }, 'exec has cwd: "data", which does not begin with /'],
  [{ cwd: '/srv/../etc' }, 'which has .. in it'],
  [{ cwd: null }, 'exec has cwd: null, which is no string'],
  [{ env: { 'A=B': 'x' } }, 'env of exec has a variable "A=B", which has = in its name'],
  [{ env: { 'A\0B': 'x' } }, 'which has a NUL character'],
  [{ env: { A: 5 } }, 'env of exec has A: 5, which is no string'],
  [{ env: ['A=B'] }, 'env of exec is ["A=B"]'],
  [{ timeout: 0 }, 'exec has timeout: 0'],
  [{ timeout: -1 }, 'exec has timeout: -1'],
  [{ timeout: Number.NaN }, 'exec has timeout: NaN'],
  [{ timeout: Number.POSITIVE_INFINITY }, 'exec has timeout: Infinity'],
  [{ timeout: 2 ** 31 }, 'exec has timeout: 2147483648'],
  [{ timeout: '5s' }, 'exec has timeout: "5s"'],
  [{ user: 0 }, 'exec has user: 0'],
  [{ user: 'constructor' }, 'constructor'],
  [{ input: {} }, 'exec has input: {}'],
  [{ input: 5 }, 'exec has input: 5'],
  [{ input: null }, 'exec has input: null'],
  [{ input: [5] }, 'the input of exec has a piece 5'],
  [{ encoding: 'latin1' }, 'exec has encoding: "latin1"'],
  [{ stdout: 'inherit' }, 'exec has stdout: "inherit"'],
  [{ stderr: { write() {} } }, 'exec has stderr: {}'],
  [{ allowFailure: 'yes' }, 'exec has allowFailure: "yes"'],
  [{ shell: true }, 'exec has no option "shell"'],
  [{ timeOut: 5 }, 'exec has no option "timeOut"'],
  [null, 'exec has the options null'],
  ['/srv', 'exec has the options "/srv"'],
] as [object, string][])('refused: $1', async ([options, message], { box }) => {
  await expect(box.exec(['true'], options)).rejects.toMatchObject({
    code: 'EXEC_FAILED',
    details: {
      service: 'box',
      message: expect.stringContaining(message),
      fix: expect.stringMatching(/./),
    },
  })
})

test('an option that is undefined is one that is left out', async ({ box }) => {
  const options = { cwd: undefined, env: undefined, timeout: undefined, input: undefined } as object
  expect((await box.exec(['pwd'], options)).stdout).toBe('/srv/box\n')
})

test('programs run side by side', async ({ box }) => {
  const numbers = Array.from({ length: 8 }, (_, number) => `${number}`)
  const results = await Promise.all(numbers.map((number) => box.exec(['echo', number])))
  expect(results.map(({ stdout }) => stdout.trim())).toEqual(numbers)
})
