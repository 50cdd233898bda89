import { test } from '@vitest-cluster/fixtures/ldap'
import { expect } from 'vitest'

test('ldap is the one service of this kind, whatever its name', async ({ ldap }) => {
  expect(ldap.name).toBe('directory')
  const client = await ldap.connect()
  const { searchEntries } = await client.search(ldap.baseDn, { scope: 'base' })
  await client.unbind()
  expect(searchEntries).toMatchObject([{ dn: 'dc=example' }])
})
