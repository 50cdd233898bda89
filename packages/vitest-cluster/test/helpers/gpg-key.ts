import { writeFile } from 'node:fs/promises'
import { execa } from 'execa'
import { onTestFinished } from 'vitest'
import { temporaryDirectory } from './temporary.ts'

/** A signing key of nobody's, by gpg(1). */
export interface GpgKey {
  readonly home: string
  readonly user: string
  /** Writes a text with its signature around it. */
  sign(text: string, file: string): Promise<void>
  /** Ends the agent that gpg(1) started. */
  close(): Promise<void>
}

/** Makes a key that goes with the test. @param file gets the public key: armored where its name ends in `.asc` */
export async function makeGpgKey(file: string): Promise<GpgKey> {
  const key = await makeGpgKeyIn(await temporaryDirectory(), file)
  onTestFinished(key.close)
  return key
}

/** As {@link makeGpgKey}, for several tests. @param home a directory of its own, with a short path for its socket */
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
