import { copyFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { RpmBase } from '../../definition/tree.ts'
import { makeDirectory, writeWithMode } from '../../disk/modes.ts'
import { ClusterError, messageOf } from '../../errors.ts'
import { runFailed } from '../build/failure.ts'
import type { Build, Inputs, Step, StepContext } from '../build/step.ts'
import { dnfConfig, RPM_MACROS, repositoryConfig } from '../rpm/config.ts'
import { dnfFailure } from '../rpm/failure.ts'
import { dnfProgress } from '../rpm/progress.ts'

/** A tree of RPM packages by `dnf --installroot`, as root of the build's own namespace: that is no root on the host. */
export function rpmStep(base: RpmBase): Step {
  const { repositories, packages, release } = base
  const title = `rpm ${repositories.map(({ id }) => id).join(' ')}${release ? ` ${release}` : ''}`
  return {
    kind: 'rpm',
    title,
    inputs: (context) => inputs(base, context, title),
    async make(build) {
      await configure(base, build)
      const argv = ['dnf', '--config', 'dnf.conf', '--installroot', join(build.directory, 'root')]
      if (release !== undefined) argv.push('--releasever', release)
      const result = await build.onHost(['sh', 'installroot.sh', ...argv, 'install', ...packages], {
        network: needsNetwork(base),
        onLine: dnfProgress(build.say),
      })
      if (result.exitCode !== 0) throw dnfFailure(result, base)
    },
    resolved: rpmPackages,
  }
}

/** The packages that a tree has, with their versions (rpm(8)). */
export async function rpmPackages(build: Build): Promise<Inputs> {
  const result = await build.onHost([
    'rpm',
    `--root=${join(build.directory, 'root')}`,
    '--query',
    '--all',
    '--queryformat=%{NAME} %{EVR}\\n',
  ])
  if (result.exitCode !== 0) throw runFailed('rpm', result)
  const found: Record<string, string> = {}
  for (const line of result.stdout.split('\n').sort()) {
    const [name, version] = line.split(' ')
    if (!name || !version) continue
    const key = `package ${name}`
    // Some may be there in several versions, or for several architectures
    found[key] = found[key] === undefined ? version : `${found[key]} ${version}`
  }
  return found
}

async function inputs(
  { repositories, packages, release }: RpmBase,
  context: StepContext,
  step: string,
): Promise<Inputs> {
  const found: Record<string, string> = {}
  if (release !== undefined) found['release'] = release
  for (const name of packages) found[`package ${name}`] = 'wanted'
  for (const { id, url, key } of repositories) {
    found[`repository ${id}`] = url
    // What is near is looked at: who builds packages wants the tree that has them
    const metadata =
      url.startsWith('file:') && !url.includes('$') && join(fileURLToPath(url), METADATA)
    if (metadata)
      found[`repository ${id}/${METADATA}`] = await context.hashes.file(metadata).catch(() => '-')
    if (key === undefined) continue
    found[`key ${key}`] = isRemote(key) ? 'fetched' : await keyDigest(key, context, step)
  }
  return found
}

const METADATA = 'repodata/repomd.xml'

async function keyDigest(key: string, context: StepContext, step: string): Promise<string> {
  return context.hashes.file(resolve(context.baseDirectory, key)).catch((cause: unknown) => {
    throw new ClusterError(
      {
        code: 'UNREADABLE_FILE',
        step,
        message: `cannot read the key ${key}: ${messageOf(cause)}`,
        mend: `Relative paths start from ${context.baseDirectory}.`,
      },
      { cause },
    )
  })
}

/** Writes what dnf and rpm read into the build's directory, which is their home. */
async function configure(base: RpmBase, build: Build): Promise<void> {
  const { directory, baseDirectory } = build
  const key = (id: string) => join(directory, 'repositories', `${id}.key`)
  await makeDirectory(join(directory, 'repositories'), 0o755)
  await Promise.all([
    writeWithMode(join(directory, '.rpmmacros'), RPM_MACROS, 0o644),
    writeWithMode(join(directory, 'dnf.conf'), dnfConfig(directory), 0o644),
    writeWithMode(
      join(directory, 'repositories/tree.repo'),
      repositoryConfig(base, (id, source) => (isRemote(source) ? source : `file://${key(id)}`)),
      0o644,
    ),
    ...base.repositories.map(async ({ id, key: source }) => {
      if (source === undefined || isRemote(source)) return
      await copyFile(resolve(baseDirectory, source), key(id))
    }),
  ])
  await Promise.all(['.rpmmacros', 'dnf.conf', 'repositories'].map((path) => build.adopt(path)))
}

function needsNetwork({ repositories }: RpmBase): boolean {
  return repositories.some(({ url, key }) => !url.startsWith('file:') || isRemote(key ?? ''))
}

function isRemote(key: string): boolean {
  return /^https?:/i.test(key)
}
