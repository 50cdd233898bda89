import { writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTest } from 'vitest-cluster/test'
import cluster from './cluster.config.ts'

const test = createTest(cluster)

test('never ends', { timeout: 60_000 }, async ({ cache }) => {
  writeFileSync(join(tmpdir(), 'stuck'), cache.name)
  await new Promise(() => {})
})
