import { type Files, spec } from '../project.ts'

/** All shipped services, and tests that note the stages of the run in TMPDIR. */
export const signals = {
  'cluster.config.ts': `
    import { hgweb, ldap, ssh } from '@vitest-cluster/fixtures'
    import { defineCluster } from 'vitest-cluster'

    export default defineCluster({
      services: {
        directory: ldap({ suffix: 'dc=example' }),
        login: ssh(),
        web: hgweb({ repositories: ['demo'] }),
      },
    })
  `,
  'uses.spec.ts': spec(`
    import { writeFileSync } from 'node:fs'
    import { tmpdir } from 'node:os'
    import { join } from 'node:path'

    const reach = (milestone: string) => writeFileSync(join(tmpdir(), milestone), '')

    test('all three services are in use', async ({ directory, login, web }) => {
      reach('tests-begin')
      const client = await directory.connect()
      expect((await fetch(web.urlFor('demo'))).status).toBe(200)
      expect(await login.run('sleep 0.3')).toMatchObject({ exitCode: 0 })
      await client.unbind()
    })

    test('the last one', ({ web }) => {
      expect(web.url).toMatch(/^http:/)
      reach('tests-end')
    })
  `),
} satisfies Files
