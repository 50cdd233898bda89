import { readdirSync } from 'node:fs'
import { bytes } from '../units.ts'
import { type LimitingGroup, limitingGroups, tally, text } from './groups.ts'
import type { Lack } from './lack.ts'
import { attempt, isNearLimit, userLimits, userProcesses } from './user.ts'

export function noDescriptors(): Lack {
  const { soft = 'unknown', hard } = userLimits().open_files ?? {}
  const open = attempt(() => readdirSync('/proc/self/fd').length)
  const used = open === undefined ? 'all are open' : `${open} are open now`
  return {
    code: 'NO_DESCRIPTORS',
    message: `there are no file descriptors left: the limit is ${soft} for each process (ulimit -n), of this one ${used}`,
    fix: [
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
    fix: 'Stop what holds them open (lsof), or: sudo sysctl fs.file-max=1000000',
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
      message: `${start}the limit of a user is ${user.limit} (ulimit -u), uid ${uid} has ${user.used} now`,
      fix: [
        `ps -Lu ${uid}              # lists them`,
        'ulimit -u 4096             # in the shell that starts this; nproc in limits.conf(5), LimitNPROC= of a unit',
      ].join('\n'),
    }
  }
  if (group) {
    const { directory, limit, used, met } = group
    return {
      code,
      message: `${start}the limit of ${directory} is ${limit} (pids.max), ${used ?? 'unknown'} run now, ${met} were refused`,
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
    message: `${start}${now ?? 'too many'} run, the machine's limits are ${most} (kernel.threads-max) and ${pids} (kernel.pid_max), a user's ${user?.limit ?? 'is none'} (ulimit -u)`,
    fix: "Stop processes (ps -eLf lists them). In a container its own limit may be outside of it: docker run --pids-limit=…, Kubernetes' podPidsLimit.",
  }
}

export function noMemory(session?: string): Lack {
  const group = limiting(limitingGroups('memory', session), tally(session).memory)
  const address = userLimits().virtual_memory_kbytes?.soft
  const code = 'NO_MEMORY'
  const free = /^MemAvailable: +(\d+) kB/m.exec(text('/proc/meminfo') ?? '')?.[1]
  const left =
    free === undefined ? '' : `, ${size(Number(free) * 1024)} are available on the machine`
  if (typeof address === 'number') {
    return {
      code,
      message: `there is no memory left: each process may have ${size(address * 1024)} (ulimit -v)${left}`,
      fix: 'ulimit -v unlimited        # in the shell that starts this',
    }
  }
  const where = group
    ? `the limit of ${group.directory} is ${size(group.limit)} (memory.max), ${size(group.used ?? 0)} are used now, ${group.met} processes were killed for it`
    : 'none of its own limits is seen'
  return {
    code,
    message: `there is no memory left: ${where}${left}`,
    fix: [
      'dmesg | grep -i oom        # what the kernel killed',
      'Give it more (MemoryMax= of the unit, docker run --memory=…), or run fewer services or test files at once.',
    ].join('\n'),
  }
}

/** The group that did it: one that has refused something, else one that is nearly full. */
function limiting(groups: readonly LimitingGroup[], refused: number): LimitingGroup | undefined {
  const byLimit = [...groups].sort((one, other) => one.limit - other.limit)
  return (
    byLimit.find(({ met }) => met > 0) ??
    byLimit.find(({ limit, used = 0 }) => used > limit * 0.9) ??
    // Older kernels count a refusal where the process was, which need not be where the limit is
    (refused > 0 ? byLimit[0] : undefined)
  )
}

function size(count: number): string {
  return bytes(count, 1024)
}
