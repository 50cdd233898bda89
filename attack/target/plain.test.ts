import { afterAll } from 'vitest'
import { withCluster } from 'vitest-cluster/test'
import { plain } from './definition.ts'
import { begin } from './phase.ts'
import { usePlain } from './uses.ts'

const test = withCluster(plain)

test('all services answer', async ({ careless, other }) => {
  begin('use')
  await usePlain({ careless, other })
})

afterAll(() => begin('close'))
