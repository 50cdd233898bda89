// @module-tag user
// @module-tag systemd
/** The input and output of exec: text, bytes and streams. */
import { randomBytes } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PassThrough, Readable, Writable } from 'node:stream'
import { test as base, expect } from 'vitest'
import type { CommonHandle, ExecInput } from '../../src/index.ts'
import { script } from '../helpers/services.ts'
import { up } from '../helpers/session.ts'
import { temporaryDirectory } from '../helpers/temporary.ts'

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

const MIB = 1024 * 1024
const bytes = Buffer.from([0x00, 0xff, 0xc3, 0x28, 0x0a, 0xed, 0xa0, 0x80])

async function* slowly(...pieces: (string | Uint8Array)[]) {
  for (const piece of pieces) {
    await new Promise(setImmediate)
    yield piece
  }
}

/** Counts what is written to it. */
class Counter extends Writable {
  length = 0
  override _write(piece: Buffer, _encoding: string, done: () => void) {
    this.length += piece.length
    done()
  }
}

test.for<[string, () => ExecInput, Buffer]>([
  ['bytes', () => bytes, bytes],
  ['a part of a buffer', () => bytes.subarray(1, 3), bytes.subarray(1, 3)],
  ['an array', () => ['a', bytes, 'ä'], Buffer.concat([Buffer.from('a'), bytes, Buffer.from('ä')])],
  ['nothing at all', () => [], Buffer.alloc(0)],
  ['a generator', () => slowly('x', bytes), Buffer.concat([Buffer.from('x'), bytes])],
  ['a Readable', () => Readable.from([bytes, bytes]), Buffer.concat([bytes, bytes])],
  ['a web stream', () => Readable.toWeb(Readable.from([bytes])) as never, bytes],
])(
  'a program reads $0 as its input, and its output is returned as bytes',
  async ([, input, all], { box }) => {
    const { stdout, stderr } = await box.exec(['cat'], { input: input(), encoding: 'buffer' })
    expect(stdout).toEqual(all)
    expect(stderr).toEqual(Buffer.alloc(0))
  },
)

test("200 MB of input and output are not kept in the worker's memory", async ({ box }) => {
  const piece = randomBytes(MIB)
  const before = process.memoryUsage()
  let most = 0
  const input = (function* () {
    for (let i = 0; i < 200; i++) {
      most = Math.max(most, process.memoryUsage().arrayBuffers - before.arrayBuffers)
      yield piece
    }
  })()
  const out = new Counter()
  expect(await box.exec(['cat'], { input, stdout: out })).toEqual({
    stdout: '',
    stderr: '',
    exitCode: 0,
  })
  expect(out.length).toBe(200 * MIB)
  // Buffers that V8 has not collected yet count: some 75 MiB, also for longer inputs
  expect(most).toBeLessThan(100 * MIB)
  // also as one result, like the output of `pg_dump`
  const all = Buffer.concat(Array.from({ length: 40 }, () => piece))
  const { stdout } = await box.exec(['cat'], { input: all, encoding: 'buffer' })
  expect(stdout.equals(all)).toBe(true)
  // After that much data over D-Bus a worker could not use its handles any more
  expect((await box.exec(['echo', 'well'])).stdout).toBe('well\n')
})

test('files can be the input and the output', async ({ box }) => {
  const directory = await temporaryDirectory()
  const [from, to] = [join(directory, 'from'), join(directory, 'to')]
  await writeFile(from, bytes)
  await box.exec(['sh', '-c', 'cat; echo done >&2'], {
    input: createReadStream(from),
    stdout: createWriteStream(to),
  })
  expect(await readFile(to)).toEqual(bytes)
})

test('output arrives while the program runs', async ({ box }) => {
  const stdout = new PassThrough()
  const running = box.exec(
    ['sh', '-c', 'echo first; until [ -e /srv/box/go ]; do sleep 0.02; done; echo last'],
    { stdout },
  )
  const lines: string[] = []
  for await (const piece of stdout) {
    lines.push(`${piece}`)
    if (lines.length === 1) await box.exec(['touch', '/srv/box/go'])
  }
  await running
  expect(lines.join('')).toBe('first\nlast\n')
})

test('one stream may receive stdout and stderr, and is ended once', async ({ box }) => {
  const both = new PassThrough()
  await box.exec(['sh', '-c', 'echo out; echo err >&2'], { stdout: both, stderr: both })
  const text = (await both.toArray()).join('')
  expect(text.split('\n').sort()).toEqual(['', 'err', 'out'])
})

test('a program that reads none or only a part of its input does not fail', async ({ box }) => {
  const input = Buffer.alloc(4 * MIB, 'line\n')
  expect(await box.exec(['true'], { input })).toMatchObject({ exitCode: 0 })
  expect(await box.exec(['head', '-n', '1'], { input })).toMatchObject({ stdout: 'line\n' })
  const failing = box.exec(['sh', '-c', 'exec 0<&-; echo why >&2; exit 3'], { input })
  await expect(failing).rejects.toMatchObject({ code: 'EXEC_FAILED', details: { log: ['why'] } })
})

test('a program may open /dev/stdin and /dev/stdout', async ({ box }) => {
  const argv = ['sh', '-c', 'cat /dev/stdin >/dev/stdout']
  expect((await box.exec(argv, { input: 'again' })).stdout).toBe('again')
})

test('an input that fails is an error, and the program is stopped', async ({ box }) => {
  const argv = ['sh', '-c', 'cat && touch /srv/box/ran']
  const failing = (async function* () {
    yield 'a'
    throw new RangeError('no more')
  })()
  await expect(box.exec(argv, { input: failing })).rejects.toMatchObject({
    code: 'EXEC_FAILED',
    message: expect.stringContaining('the input of exec ended with an error: no more'),
    cause: expect.any(RangeError),
  })
  const missing = createReadStream('/no/such/file')
  await expect(box.exec(argv, { input: missing })).rejects.toThrow(/ENOENT.*no such file/)
  const { exitCode } = await box.exec(['test', '-e', '/srv/box/ran'], { allowFailure: true })
  expect(exitCode).toBe(1)
})

test('an input that never ends is abandoned when the program ends', async ({ box }) => {
  const endless = new PassThrough()
  endless.write('a line\nanother')
  expect((await box.exec(['head', '-n', '1'], { input: endless })).stdout).toBe('a line\n')
  expect(endless.destroyed).toBe(true)
  const silent = new PassThrough()
  await expect(box.exec(['cat'], { input: silent, timeout: 300 })).rejects.toThrow(
    'box: cat did not end within 300 ms',
  )
  expect(silent.destroyed).toBe(true)
})

test('an output stream that has failed already is an error', async ({ box }) => {
  const stdout = createWriteStream('/no/such/directory/file')
  await expect(box.exec(['echo', 'out'], { stdout })).rejects.toMatchObject({
    code: 'EXEC_FAILED',
    message: expect.stringMatching(/the stream for the output of exec failed: ENOENT/),
  })
})

test('an output stream that has ended, or ends too early, is an error', async ({ box }) => {
  const ended = new PassThrough().end()
  const message = /the stream for the output of exec failed: /
  await expect(box.exec(['echo', 'out'], { stdout: ended })).rejects.toThrow(message)
  const destroyed = new PassThrough().destroy()
  await expect(box.exec(['true'], { stderr: destroyed })).rejects.toThrow(message)
  // The reader stops early, and the program writes nothing more
  const stdout = new PassThrough()
  stdout.once('data', () => stdout.end())
  const argv = ['sh', '-c', 'echo out; exec sleep 60']
  await expect(box.exec(argv, { stdout })).rejects.toThrow('failed: the stream has been ended')
})

test('an output stream that fails ends the program', async ({ box }) => {
  const broken = new Writable({ write: (_piece, _encoding, done) => done(new Error('no room')) })
  const argv = ['sh', '-c', 'echo $$ >/srv/box/pid; echo out; exec sleep 60']
  await expect(box.exec(argv, { stdout: broken })).rejects.toMatchObject({
    code: 'EXEC_FAILED',
    message: expect.stringContaining('the stream for the output of exec failed: no room'),
  })
  const { exitCode } = await box.exec(['sh', '-c', 'kill -0 $(cat /srv/box/pid)'], {
    allowFailure: true,
  })
  expect(exitCode).not.toBe(0)
})

test('output that is too long for a result is an error with the fix, and a failure shows its last lines', async ({
  box,
}) => {
  const hole = 'truncate -s 600M /dev/stdout; printf "\\nthe end\\n" >&2; exit "$1"'
  await expect(box.exec(['sh', '-c', hole, 'sh', '0'])).rejects.toMatchObject({
    code: 'EXEC_FAILED',
    message: expect.stringMatching(/wrote 629145600 bytes to stdout; a result has \d+ at most/),
    details: { fix: expect.stringContaining('createWriteStream') },
  })
  await expect(box.exec(['sh', '-c', hole, 'sh', '5'])).rejects.toMatchObject({
    message: expect.stringContaining('ended with 5'),
    details: { log: expect.arrayContaining(['the end']) },
  })
})
