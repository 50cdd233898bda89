import { test } from '@vitest-cluster/fixtures/ssh'
import { expect } from 'vitest'

test('ssh runs a command through a login', async ({ ssh }) => {
  expect(await ssh.exec('echo hello')).toEqual({ stdout: 'hello\n', stderr: '', exitCode: 0 })
})
