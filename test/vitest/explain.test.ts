// @module-tag vitest
import { expect, test } from 'vitest'
import { project, spec } from '../support/project.ts'
import { runVitest } from '../support/vitest.ts'

// The outputs shown in docs/troubleshooting.md, from which a person has to find the cause

const LDAP = `import { ldap } from '@vitest-cluster/fixtures'
import { defineCluster } from 'vitest-cluster'

export default defineCluster({ services: { ldap: ldap({ suffix: 'dc=example' }) } })
`

test('the output of a failed ssh login shows that the key was refused, and the search in LDAP', async () => {
  const { output } = await runVitest(
    project({
      'cluster.config.ts': `
        import { ldap, ssh } from '@vitest-cluster/fixtures'
        import { defineCluster } from 'vitest-cluster'

        export default defineCluster({
          services: {
            ldap: ldap({ suffix: 'dc=example' }),
            ssh: ssh({ authorizedKeys: { from: 'ldap' } }),
          },
        })
      `,
      'login.spec.ts': spec(`
        test('alice can log in', async ({ ldap, ssh }) => {
          await ldap.addUser({ uid: 'alice' })
          const { exitCode } = await ssh.run('true', { user: 'alice' })
          expect(exitCode).toBe(0)
        })
      `),
    }),
  )
  const [, failure = ''] = output.split('FAIL  login.spec.ts > alice can log in')
  expect(failure).toMatch(
    /ssh wrote during this test\n.*\n? +.*Failed publickey for alice from 127\.0\.0\.1/,
  )
  expect(failure).toMatch(/SRCH base="dc=example".*filter="\(\|\(uid=alice\)\(mail=alice\)\)"/)
  expect(failure).toContain('SRCH attr=sshPublicKey')
})

test('the error of a wrong LDIF names the file, the line, the missing attribute and the service', async () => {
  const { output } = await runVitest(
    project({
      'cluster.config.ts': `
        import { ldap } from '@vitest-cluster/fixtures'
        import { defineCluster } from 'vitest-cluster'

        export default defineCluster({
          services: {
            ldap: ldap({ suffix: 'dc=example', ldif: ['people.ldif'] }),
          },
        })
      `,
      'people.ldif': `
        dn: ou=people,dc=example
        objectClass: organizationalUnit
        ou: people

        dn: uid=alice,ou=people,dc=example
        objectClass: inetOrgPerson
        uid: alice
        cn: Alice
      `,
      'people.spec.ts': spec(`
        test('there are people', ({ ldap }) => {
          expect(ldap.url).toMatch(/^ldap:/)
        })
      `),
    }),
  )
  expect(output).toContain('ldap: people.ldif:5: slapadd rejects it [INVALID_INPUT]')
  expect(output).toContain("object class 'inetOrgPerson' requires attribute 'sn'")
  expect(output).toContain('❯ cluster.config.ts:6:5')
})

test('a crashed slapd is reported with its signal, also if the test uses its own client', async () => {
  const { output } = await runVitest(
    project({
      'cluster.config.ts': LDAP,
      'crash.spec.ts': spec(`
        import { signal } from './signal.ts'

        test('people are found', async ({ ldap }) => {
          signal(ldap, 'SIGSEGV')
          await noticed(() => ldap.url)
          await ldap.connect()
        })

        test('people are found by a client of its own', async ({ ldap }) => {
          await ldap.restart()
          const { port } = ldap
          signal(ldap, 'SIGSEGV')
          await noticed(() => ldap.url)
          await fetch('http://127.0.0.1:' + port)
        })

        /** Resolves when a use of the handle throws. */
        async function noticed(use: () => unknown): Promise<void> {
          await expect.poll(() => throws(use)).toBe(true)
        }

        function throws(use: () => unknown): boolean {
          try {
            use()
            return false
          } catch {
            return true
          }
        }
      `),
    }),
  )
  const [, byHandle = '', byClient = ''] = output.split(
    /FAIL {2}crash\.spec\.ts > people are found/,
  )
  expect(byHandle).toContain(
    'ClusterError: ldap: is down: killed by signal 11 (SIGSEGV) [SERVICE_FAILED]',
  )
  expect(byHandle).toContain('slapd starting')
  expect(byClient).toMatch(/❯ ldap\n +↳ is down: killed by signal 11 \(SIGSEGV\)/)
})

test('a hung service is reported with the connections that it does not accept, and why', async () => {
  const { output } = await runVitest(
    project({
      'cluster.config.ts': LDAP,
      'hang.spec.ts': spec(`
        import { signal } from './signal.ts'

        test('people are found', { timeout: 2_000 }, async ({ ldap }) => {
          signal(ldap, 'SIGSTOP')
          const client = await ldap.connect()
          await client.search('dc=example')
        })
      `),
    }),
  )
  expect(output).toMatch(
    /❯ ldap did not answer\n +↳ 1 connection not accepted, \d+ bytes sent to it and not read: its process \d+ is stopped/,
  )
})
