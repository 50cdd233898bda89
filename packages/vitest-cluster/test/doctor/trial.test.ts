// @module-tag user
// @module-tag private
// @module-tag systemd
import { expect, test } from 'vitest'
import { attempt } from '../../src/doctor/trial.ts'
import { processesOf } from '../helpers/processes.ts'

test('attempt() returns the first line that a failed program printed', async () => {
  const script = 'echo "sh: no" >&2; echo and more >&2; exit 3'
  expect(await attempt(['sh', '-c', script], process.env)).toMatchObject({
    ok: false,
    complaint: 'sh: no',
  })
  expect(await attempt(['true'], process.env)).toMatchObject({ ok: true, complaint: '' })
  // The user's own PATH may have directories that he may not search: then it is EACCES (execvp(3))
  const none = await attempt(['no-such-program'], { PATH: '/usr/bin:/bin' })
  expect(none.ok).toBe(false)
  expect(none.complaint).toContain('ENOENT')
})

test('attempt() does not wait for a child that the program left, and kills it', async () => {
  const word = `left-${process.pid}`
  // unshare(1) leaves such a child if newuidmap waits for a namespace that was refused
  const script = 'sh -c "sleep 600; true" "$0" & exit 1'
  await attempt(['sh', '-c', script, word], process.env, 300)
  await expect.poll(() => processesOf(word, 'sleep')).toEqual([])
})
