import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, vi } from 'vitest'
import { isClusterError } from '../../src/index.ts'
import { redis } from './services.ts'
import { up } from './session.ts'

/** Opens a session with a TMPDIR, uses it and closes it. @returns its directory, or its error */
export async function openedIn(temporary: string) {
  vi.stubEnv('TMPDIR', temporary)
  try {
    await using session = await up({ redis: redis() })
    const handle = await session.handle('redis')
    expect(await handle.cli('PING')).toBe('PONG')
    return { directory: session.plan.paths.directory }
  } catch (error) {
    if (!isClusterError(error)) throw error
    return { code: error.code, message: error.message }
  } finally {
    vi.unstubAllEnvs()
    const left = await readdir(join(temporary, `vitest-cluster-${process.getuid?.()}`)).catch(
      () => [],
    )
    expect(left).toEqual([])
  }
}
