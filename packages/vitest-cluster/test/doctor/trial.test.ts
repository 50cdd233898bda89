// @module-tag user
// @module-tag private
// @module-tag systemd
import { expect, test } from 'vitest'
import { attempt } from '../../src/doctor/trial.ts'
import { processesOf } from '../helpers/processes.ts'

test('what a program says when it fails', async () => {
  const script = 'echo "sh: no" >&2; echo and more >&2; exit 3'
  expect(await attempt(['sh', '-c', script], process.env)).toMatchObject({
    ok: false,
    complaint: 'sh: no',
  })
  expect(await attempt(['true'], process.env)).toMatchObject({ ok: true, complaint: '' })
  const none = await attempt(['no-such-program'], process.env)
  expect(none.ok).toBe(false)
  expect(none.complaint).toContain('ENOENT')
})

test('a program that ends and leaves a child does not keep us, nor does the child stay', async () => {
  const word = `left-${process.pid}`
  // unshare(1) does so where newuidmap waits for a namespace that was refused
  const script = 'sh -c "sleep 600; true" "$0" & exit 1'
  await attempt(['sh', '-c', script, word], process.env, 300)
  await expect.poll(() => processesOf(word, 'sleep')).toEqual([])
})
