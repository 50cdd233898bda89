import { expect, test } from 'vitest'
import { script } from '../helpers/services.ts'
import { up } from '../helpers/session.ts'

/** A service that copies the FIFO `in` to its log. */
const parrot = () =>
  script('mkfifo in; echo ready >&2; exec cat <>in', { ready: { logLine: '^ready$' } })

async function parrotUp() {
  const session = await up({ parrot: parrot() })
  const { exec, log } = await session.handle('parrot')
  const say = (text: string) => exec(['sh', '-c', 'cat >in'], { input: text })
  return { session, log, say }
}

test('the log has stdout and stderr', async () => {
  const { session, log, say } = await parrotUp()
  await using _ = session
  await say('hello\n')
  await log.waitFor('hello')
  expect(await log.text()).toBe('ready\nhello\n')
})

test('text({ since }) returns only text that was logged after the mark', async () => {
  const { session, log, say } = await parrotUp()
  await using _ = session
  const since = await log.mark()
  expect(await log.text({ since })).toBe('')
  await say('älter\n')
  await log.waitFor('älter', { since })
  const later = await log.mark()
  await say('newer\n')
  expect(await log.waitFor(/er$/, { since: later })).toBe('newer')
  expect(await log.text({ since })).toBe('älter\nnewer\n')
})

test('waitFor() returns a matching line that exists, or waits for one', async () => {
  const { session, log, say } = await parrotUp()
  await using _ = session
  expect(await log.waitFor(/^rea/)).toBe('ready')
  const coming = log.waitFor(/number (\d+)/g)
  await say('none\nhas number 7 in it\n')
  expect(await coming).toBe('has number 7 in it')
})

test('waitFor() fails after its timeout with the last lines', async () => {
  const { session, log } = await parrotUp()
  await using _ = session
  await expect(log.waitFor('never', { timeout: 50 })).rejects.toMatchObject({
    code: 'LOG_TIMEOUT',
    message: expect.stringContaining('parrot: no line of its log matched never within 50 ms'),
    details: { log: ['ready'] },
  })
  // Lines before the mark do not match
  const since = await log.mark()
  await expect(log.waitFor('ready', { since, timeout: 50 })).rejects.toThrow('LOG_TIMEOUT')
})

test('waitFor() ends with the cause when the service fails, after its last lines', async () => {
  const once = script('mkfifo in; echo ready >&2; cat in; exit 3', { ready: { logLine: 'ready' } })
  await using session = await up({ once })
  const { exec, log } = await session.handle('once')
  const coming = expect(log.waitFor('never', { timeout: 60_000 })).rejects.toMatchObject({
    code: 'SERVICE_FAILED',
    message: expect.stringContaining('once: is down: exit status 3'),
  })
  const last = log.waitFor('the last one', { timeout: 60_000 })
  await exec(['sh', '-c', 'echo the last one >in'])
  expect(await last).toBe('the last one')
  await coming
  await expect(log.waitFor('never', { timeout: 60_000 })).rejects.toThrow('SERVICE_FAILED')
  expect(await log.waitFor('ready')).toBe('ready')
})

test('waitFor() waits on for a service that was stopped on purpose and is started again', async () => {
  const { session, log } = await parrotUp()
  await using _ = session
  const { stop, start } = await session.handle('parrot')
  await stop()
  const coming = log.waitFor('ready', { since: await log.mark() })
  await start()
  expect(await coming).toBe('ready')
})

test('the tail of a log fits a screen', async () => {
  const { session, log, say } = await parrotUp()
  await using _ = session
  await say(`${'x'.repeat(100_000)}\n\n${Array.from({ length: 30 }, (_, i) => `${i}\n`).join('')}`)
  await log.waitFor(/^29$/)
  expect(await log.tail()).toEqual(Array.from({ length: 12 }, (_, i) => `${18 + i}`))
  await say(`${'y'.repeat(100_000)}\nend\n`)
  await log.waitFor('end')
  const tail = await log.tail()
  expect(tail.at(-2)).toBe(`${'y'.repeat(200)}…`)
})
