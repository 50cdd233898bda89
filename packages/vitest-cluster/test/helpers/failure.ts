import { expect, vi } from 'vitest'
import { type ClusterError, isClusterError, type Services } from '../../src/index.ts'
import { ownTemporary } from './own-temporary.ts'
import { up } from './session.ts'

/** What a reader gets of an error: one screen at most. */
export const SCREEN = 25

/** What opening the services fails with. Sees that it fits a screen, says the fix, and that nothing is left. */
export async function failureOf(services: Services): Promise<ClusterError> {
  const temporary = await ownTemporary()
  try {
    const error = await up(services).then(
      (session) => session.close().then(() => expect.unreachable('it opened')),
      (error: unknown) => error,
    )
    expect(await temporary.leftovers()).toEqual([])
    return checked(error)
  } finally {
    vi.unstubAllEnvs()
  }
}

/** An error of ours that fits a screen and says its code and the fix. */
export function checked(error: unknown): ClusterError {
  if (!isClusterError(error)) throw error
  expect(error.message).toContain(`[${error.code}]`)
  expect(error.message).toContain('\n  fix: ')
  expect(error.message.split('\n').length).toBeLessThanOrEqual(SCREEN)
  return error
}
