import { writeFile } from 'node:fs/promises'
import { execa } from 'execa'
import { onTestFinished } from 'vitest'
import { temporaryDirectory } from './temporary.ts'

/** A signing key of nobody's, by gpg(1). Its home goes with the test. */
export interface GpgKey {
  readonly home: string
  readonly user: string
}

/** @param file gets the public key: armored where its name ends in `.asc` */
export async function makeGpgKey(file: string): Promise<GpgKey> {
  const home = await temporaryDirectory()
  onTestFinished(() => endGpg(home))
  return makeGpgKeyIn(home, file)
}

/** Ends the agent that gpg has started for a home. */
export async function endGpg(home: string): Promise<void> {
  await execa('gpgconf', ['--homedir', home, '--kill', 'all'])
}

/** As {@link makeGpgKey}, for several tests: whoever made the home ends its agent and removes it. */
export async function makeGpgKeyIn(home: string, file: string): Promise<GpgKey> {
  const user = 'test@example.org'
  const gpg = ['--homedir', home, '--batch', '--pinentry-mode=loopback', '--passphrase=']
  await execa('gpg', [...gpg, '--quick-generate-key', user, 'rsa2048', 'sign'])
  const armor = file.endsWith('.asc') ? ['--armor'] : []
  await writeFile(
    file,
    (await execa('gpg', [...gpg, ...armor, '--export'], { encoding: 'buffer' })).stdout,
  )
  return { home, user }
}
