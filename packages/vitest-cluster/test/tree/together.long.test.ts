import { test } from 'vitest'
import { killedAt } from '../helpers/builds-together.ts'

test(
  'kill -9 at ten instants of a build leaves a cache that the next run uses',
  {
    timeout: 600_000,
  },
  () => killedAt(Array.from({ length: 10 }, (_, i) => (i + 1) / 10.5)),
)
