// @module-tag vitest
import { expect, test } from 'vitest'
import { project, spec } from '../support/project.ts'
import { signals } from '../support/projects/signals.ts'
import { passed, runVitest } from '../support/vitest.ts'

test('each shipped service has a fixture to import, with any name in the cluster', async () => {
  const { exitCode, output, sessions } = await runVitest(
    project({
      'cluster.config.ts': signals['cluster.config.ts'],
      'hgweb.spec.ts': `
        import { test } from '@vitest-cluster/fixtures/hgweb'
        import { expect } from 'vitest'

        test('hgweb shows a repository', async ({ hgweb }) => {
          expect((await fetch(hgweb.urlFor('demo'))).status).toBe(200)
        })
      `,
      'ldap.spec.ts': `
        import { test } from '@vitest-cluster/fixtures/ldap'
        import { expect } from 'vitest'

        test('ldap is the one service of this kind, whatever its name', async ({ ldap }) => {
          expect(ldap.name).toBe('directory')
          const client = await ldap.connect()
          const { searchEntries } = await client.search(ldap.baseDn, { scope: 'base' })
          await client.unbind()
          expect(searchEntries).toMatchObject([{ dn: 'dc=example' }])
        })
      `,
      'ssh.spec.ts': `
        import { test } from '@vitest-cluster/fixtures/ssh'
        import { expect } from 'vitest'

        test('ssh runs a command through a login', async ({ ssh }) => {
          expect(await ssh.run('echo hello')).toEqual({ stdout: 'hello\\n', stderr: '', exitCode: 0 })
        })
      `,
    }),
  )
  expect(output).toMatch(passed(3))
  expect({ exitCode, sessions }).toEqual({ exitCode: 0, sessions: 1 })
})

test('the fixture of a kind is an error that lists the services if the cluster has several or none of the kind', async () => {
  const { exitCode, output } = await runVitest(
    project({
      'cluster.config.ts': `
        import { hgweb } from '@vitest-cluster/fixtures'
        import { defineCluster } from 'vitest-cluster'

        export default defineCluster({
          services: { hgweb0: hgweb({ repositories: ['a'] }), hgweb1: hgweb({ repositories: ['b'] }) },
        })
      `,
      'by-kind.spec.ts': `
        import { test } from '@vitest-cluster/fixtures/hgweb'

        test('the fixture cannot know which is meant', ({ hgweb }) => hgweb.url)
      `,
      'by-name.spec.ts': spec(`
        test('each is there by its name', async ({ hgweb0, hgweb1 }) => {
          expect((await fetch(hgweb0.urlFor('a'))).status).toBe(200)
          expect((await fetch(hgweb1.urlFor('b'))).status).toBe(200)
        })
      `),
      'other-kind.spec.ts': `
        import { test } from '@vitest-cluster/fixtures/ssh'

        test('the cluster has none of this kind', ({ ssh }) => ssh.url)
      `,
    }),
  )
  expect(output).toContain(
    'the cluster has several services of kind hgweb: hgweb0, hgweb1 [NO_SUCH_SERVICE]',
  )
  expect(output).toContain('fix: Use withCluster(cluster)')
  expect(output).toContain('the cluster has no service of kind ssh [NO_SUCH_SERVICE]')
  expect(output).toMatch(/Tests +2 failed \| 1 passed \(3\)/)
  expect(exitCode).toBe(1)
})

test('services may have names of Object.prototype properties', async () => {
  const { exitCode, output } = await runVitest(
    project({
      'cluster.config.ts': `
        import { defineCluster } from 'vitest-cluster'
        import { cache } from './cache.ts'

        export default defineCluster({
          services: { constructor: cache(), toString: cache(), then: cache() },
        })
      `,
      'names.spec.ts': spec(`
        test('each answers', async ({ constructor: one, toString: two, then: three }) => {
          for (const [name, each] of Object.entries({ constructor: one, toString: two, three })) {
            expect(await each.ask('version')).toMatch(/^VERSION /)
            if (name !== 'three') expect(each.name).toBe(name)
          }
        })
      `),
    }),
  )
  expect(output).toMatch(passed(1))
  expect(exitCode).toBe(0)
})
