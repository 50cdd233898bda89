import { access, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { TREE_LIBEXEC } from '../libexec.ts'

/** A family of distributions: Debian with Ubuntu, Fedora with RHEL, Arch. */
export type Distribution = 'debian' | 'fedora' | 'arch'

/** What commands for this machine depend on; see {@link thisSystem}. */
export interface System {
  /** Undefined for one that is none of these families. */
  readonly distribution?: Distribution | undefined
  /** The word for the container that this is: `docker`, `systemd-nspawn`. Undefined for a machine. */
  readonly container?: string | undefined
}

/** Which of the families an os-release(5) is of, by its own name or by those that it says it is like. */
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

/** What container managers leave for who wants to know (https://systemd.io/CONTAINER_INTERFACE). */
async function thisContainer(): Promise<string | undefined> {
  const [told, docker, podman] = await Promise.all([
    text('/run/systemd/container'),
    exists('/.dockerenv'),
    exists('/run/.containerenv'),
  ])
  return told?.trim() || (podman && 'podman') || (docker && 'docker') || undefined
}

/** Whether this process runs in the tree of a session: what tree/ground.ts puts into one says so. */
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
