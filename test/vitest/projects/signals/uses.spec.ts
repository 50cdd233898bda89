import { writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'
import { createTest } from 'vitest-cluster/test'
import cluster from './cluster.config.ts'

const test = createTest(cluster)

/** Tells whoever sends the signal how far the run has come. */
const reach = (milestone: string) => writeFileSync(join(tmpdir(), milestone), '')

test('all three services are in use', async ({ directory, login, web }) => {
  reach('tests-begin')
  const client = await directory.connect()
  expect((await fetch(web.repositoryUrl('demo'))).status).toBe(200)
  expect(await login.exec('sleep 0.3')).toMatchObject({ exitCode: 0 })
  await client.unbind()
})

test('the last one', ({ web }) => {
  expect(web.url).toMatch(/^http:/)
  reach('tests-end')
})
