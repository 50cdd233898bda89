/** Logs that are too large to keep in memory. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test as base, expect } from 'vitest'
import type { CommonHandle } from '../../src/index.ts'
import { copyLog } from '../../src/logs/file.ts'
import type { OpenedSession } from '../../src/open/session.ts'
import { script } from '../helpers/services.ts'
import { up } from '../helpers/session.ts'
import { temporaryDirectory } from '../helpers/temporary.ts'

const MIB = 1024 * 1024
// The service runs `sh in`, whose output goes to its log
const shell = script('mkfifo in; echo ready; while read -r line; do eval "$line"; done <>in')

const test = base.extend<{ $file: { opened: { session: OpenedSession; box: CommonHandle } } }>({
  opened: [
    // biome-ignore lint/correctness/noEmptyPattern: Vitest reads the parameter's source
    async ({}, use) => {
      await using session = await up({ box: shell })
      const box = await session.handle('box')
      await box.log.waitFor('ready')
      await use({ session, box })
    },
    { scope: 'file' },
  ],
})

const does = (box: CommonHandle, line: string) =>
  box.exec(['sh', '-c', 'cat >in'], { input: `${line}\n` })

/** The most memory in use during the work. */
async function most(work: () => Promise<unknown>): Promise<number> {
  const used = () => {
    const { heapUsed, arrayBuffers } = process.memoryUsage()
    return heapUsed + arrayBuffers
  }
  const before = used()
  let highest = 0
  const timer = setInterval(() => {
    highest = Math.max(highest, used() - before)
  }, 1)
  await work().finally(() => clearInterval(timer))
  return highest
}

test('waitFor() reads 100 MB logged during its wait once, without keeping them', async ({
  opened: { box },
}) => {
  const since = await box.log.mark()
  const line = box.log.waitFor(/^the (end)$/, { since, timeout: 30_000 })
  const held = await most(async () => {
    await does(box, 'yes "a line of a log that grows" | head -c 100M; echo; echo the end')
    expect(await line).toBe('the end')
  })
  expect(held / MIB).toBeLessThan(100)
})

test('text() of a log that is too large is an error with the fix', async ({ opened: { box } }) => {
  await expect(box.log.text()).rejects.toMatchObject({
    code: 'LOG_TOO_LARGE',
    message: expect.stringMatching(/^box: log\.text\(\) would return 104857\d+ bytes/),
    details: { service: 'box', fix: expect.stringContaining('text({ since })') },
  })
  const since = await box.log.mark()
  await does(box, 'echo later')
  await box.log.waitFor('later', { since })
  expect(await box.log.text({ since })).toBe('later\n')
  expect((await box.log.tail()).slice(-2)).toEqual(['the end', 'later'])
})

test('waitFor() matches a line that is written in pieces, and one without a newline', async ({
  opened: { box },
}) => {
  const since = await box.log.mark()
  const slow = box.log.waitFor(/^a € line$/, { since })
  // In the middle of a character, and of a line
  await does(box, 'printf "a \\342\\202"; sleep 0.1; printf "\\254 li"; sleep 0.1; printf "ne"')
  expect(await slow).toBe('a € line')
  await does(box, 'echo; printf "prompt> "')
  expect(await box.log.waitFor(/> $/, { since })).toBe('prompt> ')
  await does(box, 'echo')
})

test('only the end of a large log is kept', async ({ opened: { session } }) => {
  const copy = join(await temporaryDirectory(), 'box.log')
  await copyLog(session.plan.services['box']?.log ?? '', copy, 1000)
  const text = await readFile(copy, 'utf8')
  expect(text).toMatch(/^\(\d+ bytes before this are left out\)\n/)
  expect(text).toContain('the end\n')
  expect(text.length).toBeLessThan(1100)
})
