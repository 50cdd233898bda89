import { readdirSync } from 'node:fs'
import { dirname } from 'node:path'
import type { ClusterErrorCode } from '../errors.ts'
import { spaceAt } from './disk.ts'
import { type LimitingGroup, limitingGroups, text } from './groups.ts'
import { attempt, isNearLimit, userLimits, userProcesses } from './user.ts'

/** What ran out: in words with the limit and how much of it is used, and how there is more of it. */
export interface Lack {
  readonly code: ClusterErrorCode
  readonly message: string
  readonly mend: string
}

export function noSpace(directory: string): Lack {
  return {
    code: 'DISK_FULL',
    message: `the disk of ${directory} is full`,
    mend: `See what fills it (df -h ${directory}), or run with a TMPDIR on another disk.`,
  }
}

/** A program met a full file system, and the session's own is none. */
export function noSpaceSomewhere(directory: string): Lack {
  return {
    code: 'DISK_FULL',
    message: `a disk that it writes to is full (that of ${directory} has room)`,
    mend: 'See which: df -h and, for inodes, df -i.',
  }
}

export function noQuota(directory: string): Lack {
  return {
    code: 'DISK_FULL',
    message: `your quota on the disk of ${directory} is used up`,
    mend: `See what fills it (quota; df -h ${directory}), or run with a TMPDIR on another disk.`,
  }
}

export function noInodes(directory: string): Lack {
  const { files = 0, ffree = 0 } = spaceAt(directory) ?? {}
  return {
    code: 'NO_INODES',
    message: `the disk of ${directory} has no inodes left for more files (${files - ffree} of ${files} are used)`,
    mend: `Remove files there (df -i ${directory}; a tmpfs gets more by: mount -o remount,nr_inodes=…), or run with a TMPDIR on another disk.`,
  }
}

export function noDescriptors(): Lack {
  const { soft = 'unknown', hard } = userLimits().open_files ?? {}
  const open = attempt(() => readdirSync('/proc/self/fd').length)
  const used = open === undefined ? 'all are open' : `${open} are open now`
  return {
    code: 'NO_DESCRIPTORS',
    message: `there are no file descriptors left: the limit is ${soft} for each process (ulimit -n), of this one ${used}`,
    mend: [
      `ulimit -n 4096        # in the shell that starts this; up to ${hard ?? 'the hard limit'} without root`,
      'Beyond that: nofile in limits.conf(5), LimitNOFILE= of the unit, docker run --ulimit nofile=….',
    ].join('\n'),
  }
}

export function noDescriptorsOnMachine(): Lack {
  const [used, , most] = (text('/proc/sys/fs/file-nr') ?? '').trim().split(/\s+/)
  return {
    code: 'NO_DESCRIPTORS',
    message: `the whole machine has no file descriptors left: ${used ?? 'all'} of ${most ?? 'fs.file-max'} are open (fs.file-max)`,
    mend: 'End what holds them (lsof), or: sudo sysctl fs.file-max=1000000',
  }
}

export function noProcesses(session: string | undefined, uid: number): Lack {
  const group = limiting(limitingGroups('pids', session))
  const user = userProcesses(uid)
  const code = 'NO_PROCESSES'
  const start = 'no more processes or threads can be started: '
  if (user && isNearLimit(user)) {
    return {
      code,
      message: `${start}the limit of a user is ${user.limit} (ulimit -u), uid ${uid} has ${user.used} now`,
      mend: [
        `ps -Lu ${uid}              # who they are`,
        'ulimit -u 4096             # in the shell that starts this; nproc in limits.conf(5), LimitNPROC= of a unit',
      ].join('\n'),
    }
  }
  if (group) {
    const { directory, limit, used, met } = group
    return {
      code,
      message: `${start}the limit of ${directory} is ${limit} (pids.max), ${used ?? 'unknown'} run now, ${met} were refused`,
      mend: [
        'docker run --pids-limit=1000 …                              # in a container',
        'systemctl set-property UNIT TasksMax=1000                   # the unit or slice of that group',
      ].join('\n'),
    }
  }
  const most = text('/proc/sys/kernel/threads-max')?.trim()
  const pids = text('/proc/sys/kernel/pid_max')?.trim()
  const now = text('/proc/loadavg')?.split(' ')[3]?.split('/')[1]
  return {
    code,
    message: `${start}${now ?? 'too many'} run, the machine's limits are ${most} (kernel.threads-max) and ${pids} (kernel.pid_max), a user's ${user?.limit ?? 'is none'} (ulimit -u)`,
    mend: "End what runs (ps -eLf). In a container its own limit may be outside of it: docker run --pids-limit=…, Kubernetes' podPidsLimit.",
  }
}

export function noMemory(session?: string): Lack {
  const group = limiting(limitingGroups('memory', session))
  const address = userLimits().virtual_memory_kbytes?.soft
  const code = 'NO_MEMORY'
  const free = /^MemAvailable: +(\d+) kB/m.exec(text('/proc/meminfo') ?? '')?.[1]
  const left =
    free === undefined ? '' : `, ${size(Number(free) * 1024)} are available on the machine`
  if (typeof address === 'number') {
    return {
      code,
      message: `there is no memory left: each process may have ${size(address * 1024)} (ulimit -v)${left}`,
      mend: 'ulimit -v unlimited        # in the shell that starts this',
    }
  }
  const where = group
    ? `the limit of ${group.directory} is ${size(group.limit)} (memory.max), ${size(group.used ?? 0)} are used now, ${group.met} processes were killed for it`
    : 'none of its own limits is seen'
  return {
    code,
    message: `there is no memory left: ${where}${left}`,
    mend: [
      'dmesg | grep -i oom        # what the kernel killed',
      'Give it more (MemoryMax= of the unit, docker run --memory=…), or run fewer services or test files at once.',
    ].join('\n'),
  }
}

const NAMESPACES = ['user', 'mnt', 'pid', 'net', 'ipc', 'uts', 'cgroup'] as const

/** Undefined where they are forbidden altogether: then nothing ran out, and doctor/ says why. */
export function noNamespaces(): Lack | undefined {
  const limits = NAMESPACES.map(
    (kind) => [kind, Number(text(`/proc/sys/user/max_${kind}_namespaces`) ?? Infinity)] as const,
  )
  if (limits.some(([, limit]) => limit === 0)) return undefined
  const least = Math.min(...limits.map(([, limit]) => limit))
  const named = limits.filter(([, limit]) => limit === least).map(([kind]) => kind)
  const settings = named.map((kind) => `user.max_${kind}_namespaces`)
  return {
    code: 'NO_NAMESPACES',
    message: `no more namespaces can be made: each user may have ${least} (${settings.join(', ')})`,
    mend: [
      'lsns                       # who has how many; end old sessions: npx vitest-cluster list',
      `sudo sysctl ${settings[0]}=10000`,
    ].join('\n'),
  }
}

export function noInotify(what: 'instances' | 'watches'): Lack {
  const names = [`fs.inotify.max_user_${what}`, `user.max_inotify_${what}`]
  const limits = names.map(
    (name) => [name, Number(text(`/proc/sys/${name.replaceAll('.', '/')}`) ?? Infinity)] as const,
  )
  const [name, limit] = limits.reduce((least, each) => (each[1] < least[1] ? each : least))
  return {
    code: 'NO_INOTIFY',
    message: `no more files can be watched: each user may have ${limit} inotify ${what} (${name})`,
    mend: [
      `sudo sysctl ${name}=${what === 'watches' ? 524_288 : 1024}`,
      'Or end what watches files: editors, dev servers, other test runs in watch mode.',
    ].join('\n'),
  }
}

export function noPorts(): Lack {
  const range = text('/proc/sys/net/ipv4/ip_local_port_range')?.trim().replace(/\s+/, ' to ')
  return {
    code: 'NO_PORT',
    message: `no port is left for one more connection: they get ports ${range ?? 'of a range'} (net.ipv4.ip_local_port_range)`,
    mend: [
      'ss -tan | tail -n +2 | wc -l        # closed ones count for a minute (TIME-WAIT)',
      'sudo sysctl net.ipv4.ip_local_port_range="32768 60999"',
    ].join('\n'),
  }
}

/** The group that did it: one that has refused something, else one that is nearly full. */
function limiting(groups: readonly LimitingGroup[]): LimitingGroup | undefined {
  const byLimit = [...groups].sort((one, other) => one.limit - other.limit)
  // Before Linux 6.10 it is counted where the process was, not where the limit is
  const met = byLimit.filter(({ met }) => met > 0)
  const above = (group: LimitingGroup) =>
    met.some(({ directory }) => directory.startsWith(`${dirname(group.directory)}/`))
  return (
    byLimit.find((group) => met.includes(group)) ??
    byLimit.find((group) => above(group) || (group.used ?? 0) > group.limit * 0.9)
  )
}

function size(bytes: number): string {
  return bytes >= 2 ** 30
    ? `${(bytes / 2 ** 30).toFixed(1)} GiB`
    : `${Math.round(bytes / 2 ** 20)} MiB`
}
