// @module-tag systemd
import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { SYSCALL_GROUPS } from '../../src/definition/check-unit.ts'
import { failureOf } from '../helpers/failure.ts'
import { script } from '../helpers/services.ts'
import { up } from '../helpers/session.ts'

const denying = (...SystemCallDeny: string[]) => ({
  box: script('exec sleep infinity', { unit: { SystemCallDeny } }),
})

test('SystemCallDeny with unknown system calls fails with their names', async () => {
  const error = await failureOf(denying('setgroup:0', 'setgroups:0', 'kexec_laod'))
  expect(error).toMatchObject({ code: 'INVALID_DEFINITION', details: { service: 'box' } })
  expect(error.message).toContain(
    'box: denies system calls that this systemd does not know: setgroup:0, kexec_laod',
  )
})

test('SystemCallDeny accepts known calls, also of another architecture, and groups', async () => {
  await using session = await up(denying('setgroups:0', 'socketcall', 'chown:EPERM', '@clock:kill'))
  const box = await session.handle('box')
  expect((await box.exec(['/bin/sh', '-c', 'echo runs'])).stdout).toBe('runs\n')
})

test('SYSCALL_GROUPS has each group of systemd, with a call that is in that group', async () => {
  const listed = (name?: string): string[] =>
    execFileSync('systemd-analyze', ['syscall-filter', ...(name ? [name] : [])], {
      encoding: 'utf8',
    }).match(/^ *@?[a-z0-9_-]+$/gm) ?? []
  const groups = listed().filter((line) => line.startsWith('@'))
  const calls = (group: string): string[] =>
    listed(group)
      .map((line) => line.trim())
      .flatMap((line) => (line.startsWith('@') && line !== group ? calls(line) : line))
  for (const group of groups) {
    expect(SYSCALL_GROUPS).toHaveProperty([group])
    expect(calls(group)).toContain(SYSCALL_GROUPS[group])
  }
})
