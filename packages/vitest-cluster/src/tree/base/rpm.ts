import { existsSync } from 'node:fs'
import { copyFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { RpmBase, RpmRepository } from '../../definition/tree.ts'
import { makeDirectory, writeWithMode } from '../../disk/modes.ts'
import { saysWhy } from '../../errors.ts'
import { missingProgram, runFailed } from '../build/failure.ts'
import type { Build, Inputs, RunResult, Step, StepContext } from '../build/step.ts'
import { unreadable } from '../layer/file-inputs.ts'
import { packageList, RPM_QUERY } from '../layer/package-managers.ts'

/** A tree of RPM packages by `dnf --installroot`, which runs as root of a user namespace, not as root of the host. */
export function rpmStep(base: RpmBase): Step {
  const { repositories, packages, release } = base
  const title = `rpm ${repositories.map(({ id }) => id).join(' ')}${release ? ` ${release}` : ''}`
  return {
    kind: 'rpm',
    title,
    inputs: (context) => inputs(base, context),
    async make(build) {
      await configure(base, build)
      const argv = ['dnf', '--config', 'dnf.conf', '--installroot', join(build.directory, 'root')]
      if (release !== undefined) argv.push('--releasever', release)
      const result = await build.onHost(['sh', 'installroot.sh', ...argv, 'install', ...packages], {
        network: repositories.some(({ url, key = '' }) => !isFile(url) || isRemote(key)),
        onLine: build.say,
      })
      if (result.exitCode !== 0) throw failure(result, base, build)
    },
    resolved: rpmPackages,
  }
}

/** The packages of a tree with their versions, by the host's rpm(8), because the tree may have no rpm(8). */
export async function rpmPackages(build: Build): Promise<Inputs> {
  const argv = ['rpm', `--root=${join(build.directory, 'root')}`, ...RPM_QUERY]
  return packageList('rpm', await build.onHost(argv))
}

async function inputs(
  { repositories, packages, release }: RpmBase,
  context: StepContext,
): Promise<Inputs> {
  const found: Record<string, string> = {}
  if (release !== undefined) found['release'] = release
  for (const name of packages) found[`package ${name}`] = 'wanted'
  for (const repository of repositories) {
    const { id, url, key } = repository
    found[`repository ${id}`] = url
    // The metadata of a local repository is an input: a package that was just built has to get into the tree
    const metadata = metadataOf(repository)
    if (metadata)
      found[`repository ${id}/${METADATA}`] = await context.hashes.file(metadata).catch(() => '-')
    if (key === undefined) continue
    found[`key ${key}`] = isRemote(key) ? 'fetched' : await keyDigest(key, context)
  }
  return found
}

const METADATA = 'repodata/repomd.xml'

/** The metadata file of a local repository; undefined for a remote one. */
function metadataOf({ url }: RpmRepository): string | undefined {
  return isFile(url) && !url.includes('$') ? join(fileURLToPath(url), METADATA) : undefined
}

async function keyDigest(key: string, context: StepContext): Promise<string> {
  return context.hashes.file(resolve(context.baseDirectory, key)).catch((cause: unknown) => {
    throw unreadable(`the key ${key}`, context, cause)
  })
}

/** The rpm(8) macros of the home directory. Debian's rpm would also keep its database there. */
const RPM_MACROS = `%_dbpath /var/lib/rpm
# The namespace's root does not own these
%_netsharedpath /proc:/sys
`

/** Writes the configuration of dnf and rpm into the build's directory, which is their home: they read no file of the host. */
async function configure({ repositories }: RpmBase, build: Build): Promise<void> {
  const { directory, baseDirectory } = build
  await makeDirectory(join(directory, 'repositories'), 0o755)
  const main = ini('main', {
    reposdir: `${directory}/repositories`,
    // A path in the tree, see libexec/tree/installroot.sh
    cachedir: '/run/dnf/cache',
    logdir: '/run/dnf/log',
    persistdir: '/var/lib/dnf',
    assumeyes: 1,
    best: 1,
    install_weak_deps: 0,
    plugins: 0,
    skip_if_unavailable: 0,
    // Seconds. Short, because a user waits for the build
    timeout: 20,
    retries: 3,
  })
  await writeWithMode(join(directory, '.rpmmacros'), RPM_MACROS, 0o644)
  await writeWithMode(join(directory, 'dnf.conf'), main, 0o644)
  for (const { id, url, key } of repositories) {
    const copy = join(directory, 'repositories', `${id}.key`)
    if (key !== undefined && !isRemote(key)) await copyFile(resolve(baseDirectory, key), copy)
    const gpgkey = key === undefined || isRemote(key) ? key : `file://${copy}`
    const signed = gpgkey === undefined ? { gpgcheck: 0 } : { gpgcheck: 1, gpgkey }
    const text = ini(id, { name: id, baseurl: url, ...signed })
    await writeWithMode(join(directory, 'repositories', `${id}.repo`), text, 0o644)
  }
  for (const path of ['.rpmmacros', 'dnf.conf', 'repositories']) await build.adopt(path)
}

function ini(section: string, values: Readonly<Record<string, string | number>>): string {
  const lines = Object.entries(values).map(([name, value]) => `${name}=${value}\n`)
  return `[${section}]\n${lines.join('')}`
}

/** The error for a failed dnf(8), with the most common fixes. */
function failure(result: RunResult, { repositories, packages }: RpmBase, build: Build) {
  if (result.exitCode === 127) return missingProgram('dnf is not installed', 'dnf')
  const addresses = repositories.map(({ id, url }) => `${id} (${url})`).join(', ')
  const lines = [
    `${saysWhy(result.lines)}. Things to check:`,
    `- check the names of the packages: ${packages.join(' ')}; or add the repository that has them and their dependencies to repositories`,
    `- check that the repositories can be reached: ${addresses} (http_proxy and https_proxy are used)`,
    "- name the key that a repository's packages are signed with: key: 'FILE or URL'",
  ]
  const bare = repositories.find((each) => !existsSync(metadataOf(each) ?? '/'))
  if (bare)
    lines.push(`- create ${METADATA}, which is missing in ${bare.id}: createrepo_c DIRECTORY`)
  if (repositories.some(({ url }) => isFile(url)))
    lines.push(
      '- make a repository on this machine readable for all users: root builds trees as another uid',
    )
  if (build.uids === 'one')
    lines.push('- set up subordinate uids, for files of several accounts: docs/isolation.md')
  return runFailed('dnf', result, lines.join('\n'))
}

function isFile(url: string): boolean {
  return url.startsWith('file:')
}

function isRemote(key: string): boolean {
  return /^https?:/i.test(key)
}
