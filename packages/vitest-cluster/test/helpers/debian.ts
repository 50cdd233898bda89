import { mkdir, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { execa } from 'execa'
import { cacheDirectory } from '../../src/disk/directories.ts'
import { sha256 } from '../../src/tree/build/hashes.ts'
import { takeLock } from '../../src/tree/cache/lock.ts'

/** The suite of {@link debianArchive}. */
export const SUITE = 'trixie'
/** What tests need in one tree or another: one package list, so that there is one tree. */
const PACKAGES = ['cron', 'dbus', 'passwd', 'python3', 'systemd']
/** What no test reads: a third of the files. */
const LEFT_OUT = ['doc', 'info', 'locale', 'man', 'zoneinfo'].map((name) => `/usr/share/${name}/*`)
const WEEK = 7 * 86_400_000
// Before a test sets XDG_CACHE_HOME
const CACHE = join(dirname(cacheDirectory()), 'vitest-cluster-tests')

/**
 * A real Debian as an archive, made once a week on a machine: a tree for tests of what is made on a tree. Tests of
 * debianTree() itself use a repository of their own (deb-repository.ts). VITEST_CLUSTER_TEST_DEBIAN names one that is
 * made already. @throws Error where no mirror can be reached
 */
export async function debianArchive(): Promise<string> {
  const given = process.env['VITEST_CLUSTER_TEST_DEBIAN']
  if (given) return given
  const options = ['--quiet', '--variant=apt', '--skip=output/dev']
  options.push(...LEFT_OUT.map((path) => `--dpkgopt=path-exclude=${path}`))
  options.push(`--include=${PACKAGES.join(',')}`)
  const archive = join(CACHE, `${SUITE}-${sha256(options.join(' ')).slice(0, 8)}.tar`)
  await mkdir(CACHE, { recursive: true, mode: 0o700 })
  const lock = await takeLock(`${archive}.lock`, () => {})
  try {
    const { mtimeMs = 0 } = (await stat(archive).catch(() => undefined)) ?? {}
    if (Date.now() - mtimeMs < WEEK) return archive
    const partial = `${archive}.partial.tar`
    await rm(partial, { force: true })
    await execa('mmdebstrap', [...options, SUITE, partial])
    await rename(partial, archive)
    return archive
  } finally {
    lock.release()
  }
}
