import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { inRange } from '../src/node-range.ts'

const ENGINES = '^22.12 || ^24 || >=26'

test.for(['v22.12.0', 'v22.99.1', 'v24.0.0', 'v24.21.0', 'v26.0.0', 'v27.1.2', 'v27.0.0-nightly1'])(
  '%s is in the range',
  (version) => expect(inRange(version, ENGINES)).toBe(true),
)

test.for(['v18.20.0', 'v20.20.2', 'v22.11.9', 'v23.11.0', 'v25.9.0', 'v9.0.0', 'v2.12.0'])(
  '%s is not in the range',
  (version) => expect(inRange(version, ENGINES)).toBe(false),
)

test('versions are compared by number, including the patch', () => {
  expect(inRange('v22.12.1', '^22.12.2')).toBe(false)
  expect(inRange('v22.9.0', '^22.12')).toBe(false)
  expect(inRange('v100.0.0', '>=26')).toBe(true)
})

test('a range in an unknown format accepts every version', () => {
  for (const range of ['*', '22 - 24', '~22.1', '']) expect(inRange('v20.0.0', range)).toBe(true)
})

test('the ranges in the package.json files have the known format', () => {
  for (const name of ['vitest-cluster', 'fixtures', '..']) {
    const file = new URL(`../../${name}/package.json`, import.meta.url)
    const { engines } = JSON.parse(readFileSync(file, 'utf8'))
    expect(inRange('v20.20.2', engines.node)).toBe(false)
    expect(inRange(process.version, engines.node)).toBe(true)
  }
})
