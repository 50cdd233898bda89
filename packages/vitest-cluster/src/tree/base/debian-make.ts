import { readFile } from 'node:fs/promises'
import { extname, join, resolve } from 'node:path'
import type { DebianBase } from '../../definition/tree.ts'
import { makeDirectory, writeWithMode } from '../../disk/modes.ts'
import { saysWhy } from '../../errors.ts'
import { expiredArchive } from '../build/expired.ts'
import { missingProgram, runFailed } from '../build/failure.ts'
import { needUids } from '../build/ids.ts'
import type { Build, RunResult } from '../build/step.ts'

const MMDEBSTRAP =
  'sudo apt-get install mmdebstrap        # Debian, Ubuntu\nsudo dnf install mmdebstrap            # Fedora'

const SNAPSHOT = "- for a snapshot, which never changes: use snapshot: 'URL' instead of mirror"

/** Runs mmdebstrap(1). @throws ClusterError `TREE_FAILED`, `MISSING_PROGRAM`, `ISOLATION_UNAVAILABLE` */
export async function makeDebian(base: DebianBase, build: Build): Promise<void> {
  const { suite, packages, components, keyring } = base
  const mirror = base.snapshot ?? base.mirror
  await needUids(build.uids, 'files of Debian')
  const argv = ['mmdebstrap', '--mode=root', '--variant=apt', '--verbose', '--skip=output/dev']
  argv.push(`--components=${components.join(',')}`)
  if (packages.length > 0) argv.push(`--include=${packages.join(',')}`)
  const keys = keyring && (await copyKeys(build, keyring))
  if (keys) {
    // Only these keys: by default mmdebstrap also trusts the host's, or only those
    argv.push(`--keyring=${keys}`, '--keyring=no-keys', '--skip=check/signed-by')
  }
  // A snapshot's Release files are as old as it is
  if (base.snapshot) argv.push('--aptopt=Acquire::Check-Valid-Until "false"')
  const result = await build.onHost(
    [...argv, suite, 'root', ...(mirror === undefined ? [] : [mirror])],
    { network: true, onLine: build.say },
  )
  if (result.exitCode === 127) throw missingProgram('mmdebstrap is not installed', MMDEBSTRAP)
  if (result.exitCode !== 0)
    throw (
      expiredArchive(result, SNAPSHOT) ?? runFailed('mmdebstrap', result, whatHelps(base, result))
    )
  if (keys) await trustInTree(build, keys)
  await forgetHost(build)
  await addHosts(build)
}

/** The most common fixes. */
function whatHelps(
  { suite, components, packages, mirror, snapshot }: DebianBase,
  { lines }: RunResult,
): string {
  const archive = mirror ?? snapshot
  const names = packages.length > 0 ? `, its packages: ${packages.join(' ')}` : ''
  return [
    `${saysWhy(lines)}. Things to check:`,
    `- check the name of the suite: ${suite}, of its components: ${components.join(' ')}${names}`,
    `- check that ${archive ?? 'the mirror'} can be reached (http_proxy and https_proxy are used) and run again, or use another mirror: mirror: 'http://…'`,
    "- name the keys that the archive is signed with: keyring: 'FILE.gpg'; for Debian's keys: sudo apt-get install debian-archive-keyring",
    '- check the clock of this machine, because signatures have dates: date',
  ].join('\n')
}

/** Copies the keys to a file that the namespace's root can read. */
async function copyKeys(build: Build, keyring: string): Promise<string> {
  const keys = await readFile(resolve(build.baseDirectory, keyring))
  // apt recognizes the two formats by the file's extension
  const name = keys.includes('-----BEGIN PGP') ? 'keyring.asc' : 'keyring.gpg'
  await writeWithMode(join(build.directory, name), keys, 0o644)
  await makeDirectory(join(build.directory, 'no-keys'), 0o755)
  return name
}

/** Adds the keys to the tree: layers install packages from the same archive by the tree's apt(8). */
async function trustInTree(build: Build, keys: string): Promise<void> {
  const to = `root/etc/apt/trusted.gpg.d/vitest-cluster${extname(keys)}`
  const result = await build.onHost(['install', '-D', '--mode=644', keys, to])
  if (result.exitCode !== 0) throw runFailed('install', result)
}

/** Replaces files that mmdebstrap(1) copies from the host. */
async function forgetHost(build: Build): Promise<void> {
  const etc = join(build.directory, 'root/etc')
  await Promise.all([
    writeWithMode(join(etc, 'hostname'), 'vitest-cluster\n', 0o644),
    writeWithMode(join(etc, 'resolv.conf'), '', 0o644),
  ])
}

/** Adds hosts(5), which no package of Debian has: a session mounts its own file there. */
async function addHosts(build: Build): Promise<void> {
  const add = `[ -e "$1" ] || [ -L "$1" ] || printf '127.0.0.1 localhost\\n::1 localhost\\n' >"$1"`
  const result = await build.onHost(['sh', '-ec', add, 'sh', 'root/etc/hosts'])
  if (result.exitCode !== 0) throw runFailed('sh', result)
}
