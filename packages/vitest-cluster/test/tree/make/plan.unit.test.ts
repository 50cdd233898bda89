import { expect, test } from 'vitest'
import type { Step } from '../../../src/tree/build/step.ts'
import type { PlannedStep, Site } from '../../../src/tree/make/plan.ts'
import { knownKeys, resolvedKey, wantedKey } from '../../../src/tree/make/plan.ts'

const IDS = { uids: 'many', base: 1 } as const

function planned(kind: string, resolves = false): PlannedStep {
  const step: Step = {
    ...{ kind, title: kind },
    inputs: () => expect.unreachable('inputs are known'),
    make: () => expect.unreachable('nothing is made'),
    ...(resolves && { resolved: () => expect.unreachable('nothing is made') }),
  }
  return { step, inputs: { of: kind } }
}

/** A site whose cache has these resolved keys. */
const site = (became: Readonly<Record<string, string>> = {}) =>
  ({ ids: IDS, store: { resolved: (wanted: string) => became[wanted] } }) as unknown as Site
const base = planned('base')
const packages = planned('packages', true)
const files = planned('files')
const wanted = ({ step, inputs }: PlannedStep, below?: string) =>
  wantedKey(step, inputs, IDS, below)

test('the key of each step depends on the key of the step below', () => {
  const first = wanted(base)
  expect(knownKeys(site(), [base, files])).toEqual([first, wanted(files, first)])
  expect(knownKeys(site(), [])).toEqual([])
})

test('keys are known up to a step whose resolved key is not in the cache', () => {
  expect(knownKeys(site(), [base, packages, files])).toEqual([wanted(base)])
})

test('a resolved key replaces the key of its step, and determines the keys above', () => {
  const first = wanted(base)
  const asked = wanted(packages, first)
  const became = resolvedKey(asked, { slapd: '2.6' })
  expect(knownKeys(site({ [asked]: became }), [base, packages, files])).toEqual([
    ...[first, became, wanted(files, became)],
  ])
})
