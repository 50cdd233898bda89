import { test } from '@vitest-cluster/fixtures/hgweb'
import { expect } from 'vitest'

test('hgweb shows a repository', async ({ hgweb }) => {
  expect((await fetch(hgweb.repositoryUrl('demo'))).status).toBe(200)
})
