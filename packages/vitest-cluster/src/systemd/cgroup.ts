import { access, constants, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * The cgroup2 directory that this process is in, or undefined where no cgroup2 is mounted
 * (cgroups(7), /proc/[pid]/cgroup; on hybrid machines it is mounted beside version 1).
 */
export async function ownCgroup(): Promise<string | undefined> {
  const [groups, mounts] = await Promise.all([
    readFile('/proc/self/cgroup', 'utf8'),
    readFile('/proc/self/mountinfo', 'utf8'),
  ])
  return parseOwnCgroup(groups, mounts)
}

/** The pure part of {@link ownCgroup}. */
export function parseOwnCgroup(groups: string, mountinfo: string): string | undefined {
  const path = /^0::(\/.*)$/m.exec(groups)?.[1]
  if (path === undefined) return undefined
  for (const { root, point } of cgroupMounts(mountinfo)) {
    if (root === '/') return join(point, path)
    if (path === root || path.startsWith(`${root}/`)) return join(point, path.slice(root.length))
  }
  return undefined
}

function cgroupMounts(mountinfo: string): { readonly root: string; readonly point: string }[] {
  return mountinfo.split('\n').flatMap((line) => {
    // 36 35 98:0 ROOT MOUNT_POINT options - cgroup2 source options
    const [mount, type] = line.split(' - ')
    const [, , , root = '/', point = ''] = mount?.split(' ') ?? []
    return type?.startsWith('cgroup2 ') ? [{ root, point }] : []
  })
}

/** Where cgroup2 is mounted. */
export async function cgroupMount(): Promise<string> {
  const mounts = await readFile('/proc/self/mountinfo', 'utf8')
  return cgroupMounts(mounts)[0]?.point ?? '/sys/fs/cgroup'
}

/** The processes in a control group and those below it, with the pids of this process's namespace. */
export async function processesIn(directory: string): Promise<number[]> {
  const entries = await readdir(directory, { withFileTypes: true }).catch(() => [])
  const below = entries.filter((entry) => entry.isDirectory())
  const [own, ...others] = await Promise.all([
    readFile(join(directory, 'cgroup.procs'), 'utf8').catch(() => ''),
    ...below.map((entry) => processesIn(join(directory, entry.name))),
  ])
  return [...own.split('\n').filter(Boolean).map(Number), ...others.flat()]
}

/** Whether this process may create groups below the directory and move its children into them. */
export async function isDelegated(directory: string): Promise<boolean> {
  try {
    await access(directory, constants.W_OK)
    await access(join(directory, 'cgroup.procs'), constants.W_OK)
    return true
  } catch {
    return false
  }
}
