import { createTest } from 'vitest-cluster/test'
import { cluster } from './cluster.config.ts'

const test = createTest(cluster)

test('is never run', ({ cache }) => cache.ask('version'))
