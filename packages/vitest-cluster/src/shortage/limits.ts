import { readdirSync } from 'node:fs'
import { bytes } from '../units.ts'
import { type LimitingGroup, limitingGroups, tally, text } from './groups.ts'
import type { Lack } from './lack.ts'
import { attempt, isNearLimit, userLimits, userProcesses } from './user.ts'

export function noDescriptors(): Lack {
  const { soft = 'unknown', hard } = userLimits().open_files ?? {}
  const open = attempt(() => readdirSync('/proc/self/fd').length)
  const used = open === undefined ? 'all are in use' : `${open} are in use`
  return {
    code: 'NO_DESCRIPTORS',
    message: `there are no file descriptors left: the limit is ${soft} for each process (ulimit -n), and ${used} in this one`,
    fix: [
      `ulimit -n 4096        # in the shell that runs the tests; up to ${hard ?? 'the hard limit'} without root`,
      'Beyond that: nofile in limits.conf(5), LimitNOFILE= of the unit, docker run --ulimit nofile=….',
    ].join('\n'),
  }
}

export function noDescriptorsOnMachine(): Lack {
  const [used, , most] = (text('/proc/sys/fs/file-nr') ?? '').trim().split(/\s+/)
  return {
    code: 'NO_DESCRIPTORS',
    message: `the whole machine has no file descriptors left: ${used ?? 'all'} of ${most ?? 'fs.file-max'} are open (fs.file-max)`,
    fix: 'Stop programs that have many files open (lsof lists them), or: sudo sysctl fs.file-max=1000000',
  }
}

export function noProcesses(session: string | undefined, uid: number): Lack {
  const group = limiting(limitingGroups('pids', session), tally(session).pids)
  const user = userProcesses(uid)
  const code = 'NO_PROCESSES'
  const start = 'no more processes or threads can be started: '
  if (user && isNearLimit(user)) {
    return {
      code,
      message: `${start}the limit of a user is ${user.limit} (ulimit -u), and uid ${uid} has ${user.used}`,
      fix: [
        `ps -Lu ${uid}              # lists them`,
        'ulimit -u 4096             # in the shell that runs the tests; nproc in limits.conf(5), LimitNPROC= of a unit',
      ].join('\n'),
    }
  }
  if (group) {
    const { directory, limit, used, met } = group
    return {
      code,
      message: `${start}the limit of the control group ${directory} is ${limit} (pids.max), ${used ?? 'an unknown number'} run in it, and ${met} were refused`,
      fix: [
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
    message: `${start}${now ?? 'too many'} run, the limits of the machine are ${most} (kernel.threads-max) and ${pids} (kernel.pid_max), and ${user ? `that of a user is ${user.limit}` : 'a user has no limit'} (ulimit -u)`,
    fix: 'Stop processes (ps -eLf lists them). A container may have a limit that is not visible inside of it: docker run --pids-limit=…, or podPidsLimit of Kubernetes.',
  }
}

export function noMemory(session?: string): Lack {
  const group = limiting(limitingGroups('memory', session), tally(session).memory)
  const address = userLimits().virtual_memory_kbytes?.soft
  const code = 'NO_MEMORY'
  const free = /^MemAvailable: +(\d+) kB/m.exec(text('/proc/meminfo') ?? '')?.[1]
  const left = free === undefined ? '' : `; the machine has ${size(Number(free) * 1024)} available`
  if (typeof address === 'number') {
    return {
      code,
      message: `there is no memory left: each process may have ${size(address * 1024)} (ulimit -v)${left}`,
      fix: 'ulimit -v unlimited        # in the shell that runs the tests',
    }
  }
  const where = group
    ? `the limit of the control group ${group.directory} is ${size(group.limit)} (memory.max), ${size(group.used ?? 0)} are used, and ${group.met === 1 ? '1 process was' : `${group.met} processes were`} killed because of it`
    : 'no limit of this process or its control groups was found'
  return {
    code,
    message: `there is no memory left: ${where}${left}`,
    fix: [
      'dmesg | grep -i oom        # what the kernel killed',
      'Raise the limit (MemoryMax= of the unit, docker run --memory=…), or run fewer services or test files at once.',
    ].join('\n'),
  }
}

/** The group whose limit was met: one that has refused something, else one that is nearly full. */
function limiting(groups: readonly LimitingGroup[], refused: number): LimitingGroup | undefined {
  const byLimit = [...groups].sort((one, other) => one.limit - other.limit)
  return (
    byLimit.find(({ met }) => met > 0) ??
    byLimit.find(({ limit, used = 0 }) => used > limit * 0.9) ??
    // Older kernels count a refusal in the group of the process, not in the group that has the limit
    (refused > 0 ? byLimit[0] : undefined)
  )
}

function size(count: number): string {
  return bytes(count, 1024)
}
