import { join } from 'node:path'
import { defineService, type ServiceDefinition } from 'vitest-cluster'

export interface LaptopHandle {
  /** The owner's public key, as one line. */
  readonly publicKey: string
  /** Runs Mercurial on the laptop. */
  hg(...argv: string[]): Promise<void>
  write(path: string, text: string): Promise<void>
}

/**
 * A developer's machine with the developer's key: its programs are also from the tree, so the host needs no Mercurial.
 */
export function laptop({ user }: { readonly user: string }): ServiceDefinition<LaptopHandle> {
  return defineService({
    kind: 'laptop',
    programs: [{ name: 'hg', debian: 'mercurial', fedora: 'mercurial', arch: 'mercurial' }],
    state: {
      inputs: () => 1,
      make: async ({ directory, exec }) => {
        await exec(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', `${directory}/id`])
      },
    },
    files: ({ directory }) => ({
      hgrc: [
        '[ui]',
        `username = ${user}`,
        `ssh = ssh -i ${directory}/id -o UserKnownHostsFile=${directory}/known -o StrictHostKeyChecking=accept-new`,
      ].join('\n'),
    }),
    env: ({ directory }) => ({ HGRCPATH: `${directory}/hgrc` }),
    command: () => ['/usr/bin/sleep', 'infinity'],
    ready: 'started',
    handle: async ({ directory, read, exec }) => ({
      publicKey: (await read('id.pub')).trim(),
      async hg(...argv) {
        await exec(['hg', ...argv])
      },
      async write(path, text) {
        await exec(['tee', join(directory, path)], { input: text })
      },
    }),
  })
}
