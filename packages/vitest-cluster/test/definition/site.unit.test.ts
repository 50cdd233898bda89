import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { keyIn, serviceSite, withSite } from '../../src/definition/site.ts'
import { ClusterError, type ClusterErrorDetails } from '../../src/index.ts'
import { scratchDirectory } from '../helpers/temporary.ts'

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
] as const)(
  'the place of %s is its key, not another use of its name',
  ([service, line, column]) => {
    const site = { file: 'cluster.config.ts', line, column }
    expect(keyIn(SOURCE, 'cluster.config.ts', service)).toEqual(site)
  },
)

test('a key is found after imports and comments that contain its name', () => {
  const source = `import { all } from './services.ts'
import { ldap, ssh } from '@vitest-cluster/fixtures'
// services: { ldap, ssh }
/* services
   ldap: one */
const url = 'http://services/' // ldap: another
export default defineCluster({ services: { all, ldap: ldap({}), ssh } })
`
  expect(keyIn(source, 'c.ts', 'ldap')).toMatchObject({ line: 7, column: 49 })
  expect(keyIn(source, 'c.ts', 'ssh')).toMatchObject({ line: 7, column: 65 })
  expect(keyIn(source, 'c.ts', 'redis')).toBeUndefined()
  expect(keyIn('export default elsewhere', 'c.ts', 'ldap')).toBeUndefined()
})

test('an error of a program, and one without a file, are unchanged', () => {
  const own = new Error('something else')
  expect(withSite(own, '/c.ts')).toBe(own)
  const ours = new ClusterError({ code: 'NO_PORT', message: 'none' })
  expect(withSite(ours, '/nowhere/c.ts')).toBe(ours)
})

/** Writes a definition into a file; returns the place that an error gets. */
async function definition() {
  const file = join(await scratchDirectory(), 'cluster.config.ts')
  await writeFile(file, SOURCE)
  const placed = (details: Partial<ClusterErrorDetails>, stack?: string) => {
    const cause = new Error('the first')
    const error = new ClusterError({ code: 'NO_PORT', message: 'none', ...details }, { cause })
    if (stack !== undefined) error.stack = stack
    const found = withSite(error, file)
    expect(found).toMatchObject({ code: error.code, details: error.details, cause })
    return found === error ? 'as it was' : (found as ClusterError).details.at
  }
  return { file, placed }
}

test('an error about a service has its place; one about several services has the place of the first', async () => {
  const { file, placed } = await definition()
  expect(placed({ service: 'my-ssh' })).toEqual({ file, line: 7, column: 5 })
  expect(placed({ service: 'hgweb, my-ssh' })).toEqual({ file, line: 8, column: 5 })
  expect(serviceSite('hgweb', undefined, file)).toEqual({ file, line: 8, column: 5 })
})

test('an error about a service that is not found has the place of the cluster', async () => {
  const { file, placed } = await definition()
  expect(placed({ service: 'redis' })).toEqual({ file, line: 4, column: 16 })
})

test('an error that has a place keeps it', async () => {
  const { placed } = await definition()
  const at = { file: '/other.ts', line: 1, column: 1 }
  expect(placed({ service: 'ldap', at })).toBe('as it was')
})

test('an error about no service has the place of the call in the definition', async () => {
  const { file, placed } = await definition()
  const stack = `ClusterError: none\n    at ssh (file:///lib/ssh.js:1:2)\n    at file://${file}:17:35\n    at ${file}:1:1`
  expect(placed({ code: 'INVALID_DEFINITION' }, stack)).toEqual({ file, line: 17, column: 35 })
  const called = `ClusterError: none\n    at new Thing (${file}:123:4)`
  expect(placed({ code: 'INVALID_DEFINITION' }, called)).toEqual({ file, line: 123, column: 4 })
  expect(placed({ code: 'INVALID_DEFINITION' }, '')).toEqual({ file, line: 4, column: 16 })
  expect(placed({ code: 'NO_PORT' }, stack)).toBe('as it was')
})
