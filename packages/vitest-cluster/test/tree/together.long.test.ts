import { test } from 'vitest'
import { killAtInstants } from '../helpers/building.ts'

// Thirty-one builds take a while on a busy machine
test(
  'the next build can use the cache after kill -9 at ten instants of a build',
  {
    timeout: 300_000,
  },
  () => killAtInstants(10),
)
