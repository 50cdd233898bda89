import { writeFile } from 'node:fs/promises'
import { execa } from 'execa'
import { onTestFinished } from 'vitest'
import { temporaryDirectory } from './temporary.ts'

/** A signing key that only a test trusts, made by gpg(1). */
export interface GpgKey {
  readonly home: string
  readonly user: string
  /** Writes a text enclosed in its signature. */
  sign(text: string, file: string): Promise<void>
  /** Ends the agent that gpg(1) started. */
  close(): Promise<void>
}

/**
 * Makes a key that is removed when the test ends. @param file the public key's file: armored if its name ends in `.asc`
 */
export async function makeGpgKey(file: string): Promise<GpgKey> {
  const key = await makeGpgKeyIn(await temporaryDirectory(), file)
  onTestFinished(key.close)
  return key
}

/** Like {@link makeGpgKey}, for several tests. @param home an empty directory, with a short path for gpg's socket */
export async function makeGpgKeyIn(home: string, file: string): Promise<GpgKey> {
  const user = 'test@example.org'
  const gpg = ['--homedir', home, '--batch', '--pinentry-mode=loopback', '--passphrase=']
  await execa('gpg', [...gpg, '--quick-generate-key', user, 'rsa2048', 'sign'])
  const armor = file.endsWith('.asc') ? ['--armor'] : []
  await writeFile(
    file,
    (await execa('gpg', [...gpg, ...armor, '--export'], { encoding: 'buffer' })).stdout,
  )
  return {
    home,
    user,
    sign: async (text, signed) =>
      void (await execa('gpg', [...gpg, '--clearsign', '--output', signed], { input: text })),
    close: async () => void (await execa('gpgconf', ['--homedir', home, '--kill', 'all'])),
  }
}
