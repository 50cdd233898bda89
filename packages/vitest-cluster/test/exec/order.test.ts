// @module-tag user
// @module-tag systemd
/** The outputs of exec in the order in which they are written, and its input and output as they come. */
import { PassThrough, Writable } from 'node:stream'
import { test as base, expect } from 'vitest'
import type { CommonHandle } from '../../src/index.ts'
import { script } from '../helpers/services.ts'
import { up } from '../helpers/session.ts'

const test = base.extend<{ $file: { box: CommonHandle } }>({
  box: [
    // biome-ignore lint/correctness/noEmptyPattern: Vitest reads the parameter's source
    async ({}, use) => {
      await using session = await up({ box: script('exec sleep infinity') })
      await use(await session.handle('box'))
    },
    { scope: 'file' },
  ],
})

const TURNS = 'for i in 1 2 3 4 5 6 7 8 9; do echo "out $i"; echo "err $i" >&2; done'
const IN_ORDER = Array.from({ length: 9 }, (_, i) => `out ${i + 1}\nerr ${i + 1}\n`).join('')

test('one stream, and the option all, get both outputs in order', async ({ box }) => {
  const both = new PassThrough()
  const running = box.exec(['sh', '-c', TURNS], { stdout: both, stderr: both })
  expect((await both.toArray()).join('')).toBe(IN_ORDER)
  expect(await running).toEqual({ stdout: '', stderr: '', exitCode: 0 })
  const all = await box.exec(['sh', '-c', `${TURNS}; exit 3`], { all: true, allowFailure: true })
  expect(all).toEqual({ all: IN_ORDER, stdout: '', stderr: '', exitCode: 3 })
  const bytes = await box.exec(['printf', '\\377\\0'], { all: true, encoding: 'buffer' })
  expect(bytes.all).toEqual(Buffer.from([0xff, 0]))
  await expect(box.exec(['sh', '-c', `${TURNS}; exit 3`], { all: true })).rejects.toMatchObject({
    details: { log: IN_ORDER.trimEnd().split('\n').slice(-12) },
  })
  await expect(box.exec(['true'], { all: true, stdout: both })).rejects.toThrow(
    'exec: all cannot be combined with a stream',
  )
})

test('a program answers each line of an input that stays open', async ({ box }) => {
  const [input, stdout] = [new PassThrough(), new PassThrough()]
  const running = box.exec(['cat'], { input, stdout })
  for (const line of ['first', 'second']) {
    input.write(`${line}\n`)
    for await (const piece of stdout.iterator({ destroyOnReturn: false })) {
      expect(`${piece}`).toBe(`${line}\n`)
      break
    }
  }
  input.end()
  expect(await running).toMatchObject({ exitCode: 0 })
})

test('a program waits for a reader that is slow, and loses nothing', async ({ box }) => {
  let length = 0
  const slow = new Writable({
    highWaterMark: 1,
    write: (piece: Buffer, _encoding, done) => {
      length += piece.length
      setImmediate(done)
    },
  })
  await box.exec(['head', '-c', '5000000', '/dev/zero'], { stdout: slow })
  expect(length).toBe(5_000_000)
})

test('/dev/stdin can be opened after the end of a streamed input', async ({ box }) => {
  const input = new PassThrough()
  const stdout = new PassThrough()
  const running = box.exec(['sh', '-c', 'cat; echo end; cat /dev/stdin'], { input, stdout })
  input.end('text\n')
  expect((await stdout.toArray()).join('')).toBe('text\nend\n')
  expect(await running).toMatchObject({ exitCode: 0 })
})

test('a working directory that does not exist is named', async ({ box }) => {
  const run = box.exec(['true'], { cwd: '/srv/box/none', allowFailure: true })
  await expect(run).rejects.toThrow(
    'could not be started: its working directory /srv/box/none cannot be entered',
  )
})

test('a process that a program leaves behind is ended, and does not delay exec', async ({
  box,
}) => {
  const { stdout } = await box.exec(['sh', '-c', 'sleep 1000 & echo $!'])
  const { exitCode } = await box.exec(['kill', '-0', stdout.trim()], { allowFailure: true })
  expect(exitCode).not.toBe(0)
})
