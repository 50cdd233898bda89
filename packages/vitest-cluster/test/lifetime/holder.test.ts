// @module-tag user
/** The process that holds a session after the run. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readlinkSync } from 'node:fs'
import { expect, test } from 'vitest'
import { endSession } from '../../src/lifetime/end.ts'
import { chooseSession } from '../../src/session/find.ts'
import { script } from '../helpers/services.ts'
import { up } from '../helpers/session.ts'

const HOLDER = new URL('../../src/lifetime/holder.ts', import.meta.url).href

/** Starts a holder in a process of its own, which then runs `rest`, and returns the holder's process number. */
async function heldBy(rest: string): Promise<number> {
  const script = `
    import { startHolder } from ${JSON.stringify(HOLDER)}
    const holder = await startHolder([])
    process.stdout.write(String(holder.pid))
    ${rest}
    process.kill(process.pid, 'SIGKILL')
  `
  const run = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let pid = ''
  run.stdout.setEncoding('utf8').on('data', (text: string) => {
    pid += text
  })
  await once(run, 'close')
  return Number(pid)
}

/** The program of a process; undefined if it has ended. */
function program(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/exe`)
  } catch {
    return undefined
  }
}

test('a holder outlives the run once it holds', async () => {
  const pid = await heldBy('await holder.hold()')
  try {
    await expect.poll(() => program(pid)).toMatch(/sleep|coreutils|busybox/)
  } finally {
    process.kill(pid)
  }
})

test('a holder ends with a run that dies before it has recorded the holder', async () => {
  const pid = await heldBy('')
  await expect.poll(() => program(pid)).toBeUndefined()
})

test('down ends a session that a program left in the background', async () => {
  const session = await up({ idle: script('exec sleep inf') })
  const found = () => chooseSession({ id: session.id })
  await expect(endSession(await found())).rejects.toMatchObject({ code: 'SESSION_BUSY' })
  await session.detach()
  await endSession(await found())
  await expect(found()).rejects.toMatchObject({ code: 'NO_SUCH_SESSION' })
})
