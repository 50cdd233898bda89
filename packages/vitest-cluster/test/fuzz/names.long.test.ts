import { test } from 'vitest'
import { archivesAreRefusedWithWords, namesComeThrough } from './names.ts'

test(
  'names of any bytes come through archives, directories and commands, many times',
  {
    timeout: 600_000,
  },
  () => namesComeThrough(60),
)

test(
  'hostile and damaged archives are followed, or refused with words, many times',
  {
    timeout: 600_000,
  },
  () => archivesAreRefusedWithWords(30_000),
)
