import { writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTest } from 'vitest-cluster/test'
import cluster from './cluster.config.ts'

const test = createTest(cluster)

test('never ends and never yields', ({ cache }) => {
  writeFileSync(join(tmpdir(), 'stuck'), cache.name)
  for (;;);
})
