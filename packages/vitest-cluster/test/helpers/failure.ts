import { expect, vi } from 'vitest'
import { type ClusterError, isClusterError, type Services } from '../../src/index.ts'
import { ownTemporary } from './own-temporary.ts'
import { up } from './session.ts'

/** The most lines that an error may have: one screen. */
export const SCREEN = 25

/** The error of opening these services. Checks that it fits a screen and has a fix, and that nothing is left. */
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

/** Checks that an error is a ClusterError that fits a screen, with a code and a fix. */
export function checked(error: unknown): ClusterError {
  if (!isClusterError(error)) throw error
  expect(error.message).toContain(`[${error.code}]`)
  expect(error.message).toContain('\n  fix: ')
  expect(error.message.split('\n').length).toBeLessThanOrEqual(SCREEN)
  return error
}
