import { test } from 'vitest'
import { archivesAreReadOrRefused, namesSurvive } from './names.ts'

test(
  'names of any bytes survive archives, directories and commands, in many runs',
  {
    timeout: 600_000,
  },
  () => namesSurvive(60),
)

test(
  'hostile and damaged archives are read, or refused with a reason, in many runs',
  {
    timeout: 600_000,
  },
  () => archivesAreReadOrRefused(30_000),
)
