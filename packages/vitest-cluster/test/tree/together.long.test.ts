import { test } from 'vitest'
import { killAtInstants } from '../helpers/building.ts'

// Thirty-one builds: on a busy machine they take their time
test(
  'kill -9 at ten instants of a build leaves a cache that the next run uses',
  {
    timeout: 300_000,
  },
  () => killAtInstants(10),
)
