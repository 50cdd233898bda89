/** `ready: { logLine }` for prompts, which do not end with a newline. */
import { expect, test } from 'vitest'
import { failureOf } from '../helpers/failure.ts'
import { script } from '../helpers/services.ts'
import { up } from '../helpers/session.ts'

const sleeps = 'exec sleep infinity'

test('a prompt without a newline makes a service ready, also after a restart', async () => {
  await using session = await up({
    plain: script(`printf 'ready> '; ${sleeps}`, { ready: { logLine: '^ready> $' } }),
    // After other lines, with special characters, and written in pieces
    late: script(`echo hello; printf 'a%%b\\\\n$(id) '; sleep 0.2; printf 'go? '; ${sleeps}`, {
      ready: { logLine: '^a%b\\\\n\\$\\(id\\) go\\? $' },
    }),
    // Slow, and ended by a newline: the whole line has to match
    dots: script(`printf load; sleep 0.2; printf ..; sleep 0.2; echo done; ${sleeps}`, {
      ready: { logLine: '^load\\.\\.done$' },
    }),
    // More than fits into a pipe and the searched text
    long: script(`head -c 300000 /dev/zero | tr '\\0' x; echo; printf 'ä> '; ${sleeps}`, {
      ready: { logLine: '^ä> $' },
    }),
    crlf: script(`printf 'login:\\r'; ${sleeps}`, { ready: { logLine: 'login:' } }),
  })
  for (const name of ['plain', 'late'] as const) {
    const { log, restart } = await session.handle(name)
    const since = await log.mark()
    await restart()
    // The restart waited for the new prompt
    expect(await log.text({ since })).toMatch(/(ready>|go\?) $/)
  }
})

test('a program that ends after another prompt is an error at once', async () => {
  const one = script(`printf 'other> '; sleep 0.3; exit 3`, { ready: { logLine: '^ready> ' } })
  expect(await failureOf({ one })).toMatchObject({
    code: 'SERVICE_FAILED',
    details: {
      log: [expect.stringContaining('other> the program ended before its log had a line')],
    },
  })
})
