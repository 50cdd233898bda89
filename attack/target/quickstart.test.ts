import { afterAll } from 'vitest'
import { withCluster } from 'vitest-cluster/test'
import { quickstart } from './definition.ts'
import { begin } from './phase.ts'
import { useQuickstart } from './uses.ts'

const test = withCluster(quickstart)

test('all services answer', async ({ ldap, ssh, hgweb, careless }) => {
  begin('use')
  await useQuickstart({ ldap, ssh, hgweb, careless })
})

afterAll(() => begin('close'))
