import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { project, runVitest } from '../support/vitest.ts'

// What docs/troubleshooting.md shows, and a person has to be able to name the cause from

const kept = ['login', 'ldif', 'crash', 'hang'].map((name) =>
  join(project(`explain-${name}`), '.vitest'),
)
afterAll(() => Promise.all(kept.map((path) => rm(path, { recursive: true, force: true }))))

test('a failing ssh login says that the key was refused, and that LDAP was asked for it', async () => {
  const { output } = await runVitest('explain-login')
  const [, failure = ''] = output.split('FAIL  login.spec.ts > alice can log in')
  expect(failure).toMatch(
    /ssh wrote during this test\n.*\n? +.*Failed publickey for alice from 127\.0\.0\.1/,
  )
  expect(failure).toMatch(/SRCH base="dc=example".*filter="\(\|\(uid=alice\)\(mail=alice\)\)"/)
  expect(failure).toContain('SRCH attr=sshPublicKey')
})

test('a wrong LDIF says file, line and what is missing, and which service', async () => {
  const { output } = await runVitest('explain-ldif')
  expect(output).toContain('ldap: people.ldif:5: slapadd does not take it [INVALID_INPUT]')
  expect(output).toContain("object class 'inetOrgPerson' requires attribute 'sn'")
  expect(output).toContain('❯ cluster.config.ts:6:5')
})

test('a crashed slapd says that it is down and by which signal, also where the test has a client of its own', async () => {
  const { output } = await runVitest('explain-crash')
  const [, byHandle = '', byClient = ''] = output.split(
    /FAIL {2}crash\.spec\.ts > people are found/,
  )
  expect(byHandle).toContain(
    "ClusterError: ldap: is down: result 'signal', killed by signal 11 [SERVICE_FAILED]",
  )
  expect(byHandle).toContain('slapd starting')
  expect(byClient).toMatch(/❯ ldap\n +↳ is down: result 'signal', killed by signal 11/)
})

test('a hung service says that it takes no connections, and why', async () => {
  const { output } = await runVitest('explain-hang')
  expect(output).toMatch(
    /❯ ldap did not answer\n +↳ 1 connection not accepted, \d+ bytes sent to it and not read: its process \d+ is stopped/,
  )
})
