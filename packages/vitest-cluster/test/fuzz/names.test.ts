import { test } from 'vitest'
import { archivesAreRefusedWithWords, namesComeThrough } from './names.ts'

test('names of any bytes come through archives, directories and commands', () =>
  namesComeThrough(2))

test('hostile and damaged archives are followed, or refused with words', () =>
  archivesAreRefusedWithWords(400))
