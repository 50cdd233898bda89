import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, expect, test, vi } from 'vitest'

const WANTED = 'it must be the path of a checkout of mozilla/version-control-tools'

beforeEach(() => {
  vi.resetModules()
  return () => vi.unstubAllEnvs()
})

test.each([
  [undefined, 'VCT_CHECKOUT is not set'],
  ['', 'VCT_CHECKOUT is not set'],
  ['/nowhere', 'VCT_CHECKOUT=/nowhere is not a directory'],
])('VCT_CHECKOUT=%s: the reason is said, and the trees can be defined', async (path, problem) => {
  vi.stubEnv('VCT_CHECKOUT', path)
  const { checkout, noCheckout } = await import('./checkout.ts')
  expect(checkout).toBeUndefined()
  expect(noCheckout).toBe(`${problem}: ${WANTED}`)

  const { runner } = await import('./tree/runner.ts')
  await expect(runner.build({ baseDirectory: import.meta.dirname })).rejects.toThrow(problem)
})

test('a directory that is not a checkout is refused by what it lacks', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'no-checkout-'))
  vi.stubEnv('VCT_CHECKOUT', directory)
  const { noCheckout } = await import('./checkout.ts')
  await rm(directory, { recursive: true })
  expect(noCheckout).toContain(`${directory} has no ansible/roles/hg-ssh, hgserver/pash, `)
})
