import { expect, test } from 'vitest'
import { siteIn, withSite } from '../../src/definition/site.ts'
import { ClusterError } from '../../src/index.ts'

const SOURCE = `import { ldap, ssh } from '@vitest-cluster/fixtures'
import { hgweb } from '../hgweb.ts'

export default defineCluster({
  services: {
    ldap: ldap({ suffix: 'dc=example' }),
    'my-ssh': ssh({ authorizedKeys: { from: 'ldap' } }),
    hgweb,
  },
})
`

test.for([
  ['ldap', 6, 5],
  ['my-ssh', 7, 5],
  ['hgweb', 8, 5],
  [undefined, 4, 16],
] as const)('%s stands where its key is, not where its name is used', ([service, line, column]) => {
  expect(siteIn(SOURCE, 'cluster.config.ts', service)).toEqual({
    file: 'cluster.config.ts',
    line,
    column,
  })
})

test('what cannot be found has the place of the cluster, or none', () => {
  expect(siteIn(SOURCE, 'c.ts', 'redis')).toMatchObject({ line: 4, column: 16 })
  expect(siteIn('export default elsewhere', 'c.ts')).toBeUndefined()
})

test('an error of a program, and one of no file, stay as they are', () => {
  const own = new Error('something else')
  expect(withSite(own, '/c.ts')).toBe(own)
  const ours = new ClusterError({ code: 'NO_PORT', message: 'none' })
  expect(withSite(ours, '/nowhere/c.ts')).toBe(ours)
})
