import { expect, test } from 'vitest'
import { ISOLATIONS } from '../../../../test/support/isolations.ts'
import {
  BY_FILES,
  BY_SERVER,
  both,
  IN_TREE,
  inTree,
  LOOKS,
  lookUp,
  TREES,
} from '../helpers/names.ts'
import { ONLY_ROOT, ROOT, skipWhen } from '../helpers/situation.ts'

test('names are looked up as on the host, under each isolation', async ({ skip }) => {
  skipWhen(skip, !ROOT, ONLY_ROOT)
  const cases = ISOLATIONS.flatMap((isolation) => [
    { isolation, dns: 'host', looks: LOOKS } as const,
    { isolation, looks: LOOKS } as const,
  ])
  expect(await lookUp(cases)).toEqual(
    ISOLATIONS.flatMap(() => [both(BY_SERVER + BY_FILES), both(BY_FILES)]),
  )
})

test("names are looked up with every form of a tree's /etc/resolv.conf", async ({ skip }) => {
  skipWhen(skip, !ROOT, ONLY_ROOT)
  const names = Object.keys(TREES) as (keyof typeof TREES)[]
  const cases = await Promise.all(names.flatMap((name) => [inTree(name), inTree(name, true)]))
  expect(await lookUp(cases)).toEqual(cases.map(() => both(IN_TREE)))
})
