import { release } from 'node:os'
import { execa } from 'execa'
import { wantedManager } from '../packages/vitest-cluster/src/machine/wanted.ts'
import { text } from '../test/support/proc.ts'
import { majorVersion } from '../test/support/vitest.ts'
import { hasPrograms } from './target/definition.ts'

const uid = process.getuid?.() ?? 0

/** Whether a session on this machine has a private manager, which may be attacked, and not the user manager. */
export const isPrivate = (await wantedManager(process.env, uid)) === 'private'

/** The machine, as a line. */
export async function machine(): Promise<string> {
  const { stdout } = await execa('systemctl', ['--version'])
  const system = text('/etc/os-release').match(/^PRETTY_NAME="(.*)"$/m)?.[1] ?? 'Linux'
  return [
    stdout.split('\n')[0]?.replace(/ \(.*/, ''),
    system,
    `kernel ${release()}`,
    `uid ${uid}`,
    isPrivate ? 'a private manager' : "the user's own manager",
    hasPrograms ? 'ldap, ssh, hgweb and a careless service' : 'two careless services',
    `Node ${process.versions.node}`,
    `Vitest ${majorVersion}`,
    `${navigator.hardwareConcurrency} processors`,
  ].join(', ')
}
