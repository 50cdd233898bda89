import { test } from 'vitest'
import { archivesAreReadOrRefused, namesSurvive } from './names.ts'

test('names of any bytes survive archives, directories and commands', () => namesSurvive(2))

test('hostile and damaged archives are read, or refused with a reason', () =>
  archivesAreReadOrRefused(400))
