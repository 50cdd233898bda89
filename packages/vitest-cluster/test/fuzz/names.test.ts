import { test } from 'vitest'
import { archivesAreRefusedWithWords, namesComeThrough } from './names.ts'

test('names of any bytes survive archives, directories and commands', () => namesComeThrough(2))

test('hostile and damaged archives are read, or refused with a reason', () =>
  archivesAreRefusedWithWords(400))
