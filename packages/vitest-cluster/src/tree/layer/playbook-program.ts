import { access, constants, realpath, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** Where programs are besides `PATH`. */
const USUAL = ['/usr/local/bin', '/usr/bin']

/** ansible-playbook(1) of this machine; undefined where there is none. */
export async function findAnsible(): Promise<string | undefined> {
  for (const directory of [...(process.env['PATH'] ?? '').split(':').filter(Boolean), ...USUAL]) {
    const path = join(directory, 'ansible-playbook')
    const found = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    )
    if (found) return path
  }
  return undefined
}

/** What changes when Ansible is updated, without the half second that it takes to say its version. */
export async function identityOf(path: string | undefined): Promise<string> {
  if (!path) return 'missing'
  const file = await realpath(path)
  const { mtimeMs, size } = await stat(file)
  return `${file} ${Math.trunc(mtimeMs)} ${size}`
}

/** The version of ansible-core in what `ansible-playbook --version` prints: `2.14.18`. */
export function coreVersion(text: string): string | undefined {
  return /\bcore ([\w.+-]+)/.exec(text)?.[1]
}
