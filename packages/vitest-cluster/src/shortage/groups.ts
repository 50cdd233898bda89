import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

type Controller = 'pids' | 'memory'

/** A control group with a limit for this process: its own, or one above it. */
export interface LimitingGroup {
  readonly directory: string
  readonly limit: number
  readonly used: number | undefined
  /** How often the limit was met: a fork was refused, a process was killed (cgroups(7), pids.events, memory.events). */
  readonly met: number
}

const FILES = {
  pids: { limit: ['pids.max'], used: ['pids.current'], met: ['pids.events'], counter: 'max' },
  memory: {
    limit: ['memory.max', 'memory.limit_in_bytes'],
    used: ['memory.current', 'memory.usage_in_bytes'],
    met: ['memory.events', 'memory.oom_control'],
    counter: 'oom_kill',
  },
} as const

/** The groups that have a limit. @param extra another group, such as a session's, to include with its parents */
export function limitingGroups(controller: Controller, extra?: string): LimitingGroup[] {
  return groupsOf(controller, extra).flatMap((directory) => {
    const limit = number(directory, FILES[controller].limit)
    // In version 1 the largest number of pages means "no limit"
    if (limit === undefined || limit > Number.MAX_SAFE_INTEGER / 2) return []
    const used = number(directory, FILES[controller].used)
    return [{ directory, limit, used, met: metIn(controller, directory) }]
  })
}

/** How often limits of this process's groups were met so far. */
export interface Tally {
  readonly pids: number
  readonly memory: number
}

export function tally(extra?: string): Tally {
  const count = (controller: Controller) =>
    groupsOf(controller, extra).reduce((sum, group) => sum + metIn(controller, group), 0)
  return { pids: count('pids'), memory: count('memory') }
}

function metIn(controller: Controller, directory: string): number {
  const { met, counter } = FILES[controller]
  const lines = met.map((name) => text(join(directory, name)) ?? '').join('\n')
  return Number(new RegExp(`^${counter} (\\d+)$`, 'm').exec(lines)?.[1] ?? 0)
}

function groupsOf(controller: Controller, extra?: string): string[] {
  const place = placeOf(
    controller,
    text('/proc/self/cgroup') ?? '',
    text('/proc/self/mountinfo') ?? '',
  )
  const own = place ? upwards(place.directory, place.mount) : []
  const other =
    extra && place && extra.startsWith(`${place.mount}/`) ? upwards(extra, place.mount) : []
  return [...new Set([...own, ...other])]
}

/** This process's group in the hierarchy that has the controller: version 2, or the controller's own in version 1. Pure. */
export function placeOf(
  controller: Controller,
  groups: string,
  mountinfo: string,
): { readonly directory: string; readonly mount: string } | undefined {
  const old = new RegExp(`^\\d+:(?:[^:]*,)?${controller}(?:,[^:]*)?:(/.*)$`, 'm').exec(groups)?.[1]
  const path = old ?? /^0::(\/.*)$/m.exec(groups)?.[1]
  for (const line of path === undefined ? [] : mountinfo.split('\n')) {
    // 36 35 98:0 ROOT MOUNT_POINT options - type source options
    const [mount = '', filesystem = ''] = line.split(' - ')
    const [type, , options = ''] = filesystem.split(' ')
    const fits =
      old === undefined
        ? type === 'cgroup2'
        : type === 'cgroup' && options.split(',').includes(controller)
    const [, , , root = '/', point = ''] = mount.split(' ')
    if (!fits || path === undefined) continue
    if (root === '/') return { directory: join(point, path), mount: point }
    // In a container the mount point often is the container's own group
    const below = path === root || path.startsWith(`${root}/`) ? path.slice(root.length) : ''
    return { directory: join(point, below), mount: point }
  }
  return undefined
}

function upwards(directory: string, mount: string): string[] {
  const all = [directory]
  for (let at = directory; at !== mount && at.startsWith(`${mount}/`); ) {
    at = dirname(at)
    all.push(at)
  }
  return all
}

function number(directory: string, names: readonly string[]): number | undefined {
  for (const name of names) {
    const value = text(join(directory, name))?.trim()
    if (value !== undefined && /^\d+$/.test(value)) return Number(value)
  }
  return undefined
}

/** A small file's text; undefined if it cannot be read, also for lack of descriptors. */
export function text(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
