import { expect, test } from 'vitest'
import { nearest, suggestService } from '../../src/definition/nearest.ts'

test.for([
  ['ldpa', 'ldap'],
  ['lpad', 'ldap'],
  ['LDAP', 'ldap'],
  ['hgwb', 'hgweb'],
  ['hgwebs', 'hgweb'],
  ['hg', undefined],
  ['redis', undefined],
  ['', undefined],
  ['l'.repeat(1000), undefined],
] as const)('the nearest name to %j is %j', ([word, name]) => {
  expect(nearest(word, ['ldap', 'ssh', 'hgweb'])).toBe(name)
})

test('the fix for an unknown service names the most similar one, then all', () => {
  expect(suggestService('ldpa', ['ldap', 'ssh'])).toBe(
    'Did you mean ldap? Services of this cluster: ldap, ssh.',
  )
  expect(suggestService('redis', ['ldap', 'ssh'])).toBe('Services of this cluster: ldap, ssh.')
})

test.for([
  ['dependson', 'dependsOn'],
  ['environment', 'env'],
  ['exce', 'exec'],
  ['prots', 'ports'],
  ['x', undefined],
  ['', undefined],
  ['constructor', undefined],
  ['env'.repeat(1_000_000), undefined],
] as const)('nearest() finds the option that was meant: %#', ([word, name]) => {
  expect(nearest(word, ['env', 'exec', 'ports', 'dependsOn'])).toBe(name)
})
