import { access, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { TREE_LIBEXEC } from '../libexec.ts'

/** A family of distributions: Debian with Ubuntu, Fedora with RHEL, Arch. */
export type Distribution = 'debian' | 'fedora' | 'arch'

/** What commands for this machine depend on; see {@link thisSystem}. */
export interface System {
  /** Undefined for a system of another family. */
  readonly distribution?: Distribution | undefined
  /** The word for the container that this is: `docker`, `systemd-nspawn`. Undefined for a machine. */
  readonly container?: string | undefined
}

/** The family of an os-release(5), by its ID= or its ID_LIKE=. */
export function distributionOf(osRelease: string): Distribution | undefined {
  const field = (name: string) =>
    new RegExp(`^${name}=(["']?)(.*)\\1$`, 'm').exec(osRelease)?.[2]?.split(' ') ?? []
  const names = [...field('ID'), ...field('ID_LIKE')]
  if (names.some((name) => name === 'debian' || name === 'ubuntu')) return 'debian'
  if (names.some((name) => name === 'fedora' || name === 'rhel')) return 'fedora'
  return names.includes('arch') ? 'arch' : undefined
}

/** The distribution and the container that this process runs in. */
export async function thisSystem(): Promise<System> {
  const [osRelease, container] = await Promise.all([
    text('/etc/os-release').then((etc) => etc ?? text('/usr/lib/os-release')),
    thisContainer(),
  ])
  return { distribution: distributionOf(osRelease ?? ''), container }
}

/** The container manager's name, by the files that it leaves (https://systemd.io/CONTAINER_INTERFACE). */
async function thisContainer(): Promise<string | undefined> {
  const [told, docker, podman] = await Promise.all([
    text('/run/systemd/container'),
    exists('/.dockerenv'),
    exists('/run/.containerenv'),
  ])
  return told?.trim() || (podman && 'podman') || (docker && 'docker') || undefined
}

/** Whether this process runs in the tree of a session: by a file that only those trees have. */
export async function insideTree(): Promise<boolean> {
  if (!(await exists(join(TREE_LIBEXEC, 'ready-listening.sh')))) return false
  return (await text('/etc/hostname'))?.trim() === 'vitest-cluster'
}

/** A file's text, or undefined where it cannot be read. */
export function text(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch(() => undefined)
}

export function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
