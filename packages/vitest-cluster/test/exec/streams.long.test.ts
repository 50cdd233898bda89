/** Half a gigabyte through exec, and into a log, which takes its time to be written. */
import { createHash } from 'node:crypto'
import { Writable } from 'node:stream'
import { expect, test } from 'vitest'
import { script } from '../helpers/services.ts'
import { up } from '../helpers/session.ts'

const MIB = 1024 * 1024
const MANY = 500

/** The most that the resident set grows during the work, in MiB. */
async function most(work: () => Promise<unknown>): Promise<number> {
  const before = process.memoryUsage.rss()
  let highest = 0
  const timer = setInterval(() => {
    highest = Math.max(highest, process.memoryUsage.rss() - before)
  }, 5)
  await work().finally(() => clearInterval(timer))
  return highest / MIB
}

test("500 MB pass through a program without being kept in the worker's memory", async () => {
  await using session = await up({ box: script('exec sleep infinity') })
  const { exec } = await session.handle('box')
  const [sent, received] = [createHash('md5'), createHash('md5')]
  const input = (function* () {
    for (let i = 0; i < MANY; i++) {
      const piece = Buffer.alloc(MIB, i)
      sent.update(piece)
      yield piece
    }
  })()
  const stdout = new Writable({
    write(piece: Buffer, _encoding, done) {
      received.update(piece)
      done()
    },
  })
  const held = await most(() => exec(['cat'], { input, stdout }))
  expect(received.digest('hex')).toBe(sent.digest('hex'))
  expect(held).toBeLessThan(200)
})

test('waitFor() finds a line after 500 MB that are logged during the wait', async () => {
  const text = `mkfifo in; echo ready; read -r _ <in; yes 'some line or other' | head -c ${MANY}M; echo; echo the end; exec sleep infinity`
  await using session = await up({ box: script(text, { ready: { logLine: '^ready$' } }) })
  const { exec, log } = await session.handle('box')
  const waiting = log.waitFor(/^the end$/, { timeout: 100_000 })
  const held = await most(async () => {
    await exec(['sh', '-c', 'echo >in'])
    expect(await waiting).toBe('the end')
  })
  expect(held).toBeLessThan(200)
})
