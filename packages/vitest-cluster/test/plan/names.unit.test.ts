import { expect, test } from 'vitest'
import { ownershipUnit, reclaimUnit, sliceName, unitName } from '../../src/plan/names.ts'

test('every name has the id of the session', () => {
  expect(unitName('0123abcd', 'my-db')).toBe('vitest-cluster-0123abcd-my-db.service')
  expect(sliceName('0123abcd')).toBe('vitest_cluster_0123abcd.slice')
  expect(ownershipUnit('0123abcd')).toBe('vitest-cluster-0123abcd-_ownership.service')
  expect(reclaimUnit('0123abcd')).toBe('vitest-cluster-0123abcd-_reclaim.service')
})
