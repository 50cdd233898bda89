import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { redis } from '../helpers/services.ts'
import { up } from '../helpers/session.ts'
import { temporaryDirectory } from '../helpers/temporary.ts'

test('a TMPDIR that systemd could not mount is refused, and nothing is made in it', async () => {
  const directory = join(await temporaryDirectory(), "it's")
  await mkdir(directory)
  vi.stubEnv('TMPDIR', directory)
  try {
    await expect(up({ redis: redis() })).rejects.toMatchObject({
      code: 'SESSION_DIRECTORY',
      message: expect.stringContaining('systemd mounts no path with a quote'),
    })
  } finally {
    vi.unstubAllEnvs()
  }
  await expect(mkdir(join(directory, `vitest-cluster-${process.getuid?.()}`))).resolves.toBe(
    undefined,
  )
})
