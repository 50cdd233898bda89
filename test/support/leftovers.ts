import { execFile } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { promisify } from 'node:util'

/** The ports that a process held for its sessions. */
export interface Ports {
  /** Inodes of the abstract sockets that are the locks. */
  readonly locks: readonly string[]
  readonly numbers: readonly number[]
}

export interface Traces {
  /** The directory of the run's sessions, and the TMPDIR that it is in. */
  readonly base: string
  readonly directory: string
  readonly ids: ReadonlySet<string>
  readonly ports: Ports
}

const LIMIT = 2_000

/** Resolves as soon as nothing of the sessions exists. @throws Error naming what is there after 2 s */
export async function nothingLeft(traces: Traces): Promise<void> {
  const end = Date.now() + LIMIT
  for (;;) {
    const left = await leftovers(traces)
    if (left.length === 0) return
    if (Date.now() > end) throw new Error(`left after ${LIMIT} ms:\n${left.join('\n')}`)
    // The kernel tells nobody that a mount, a group or a process has gone
    await wait(50)
  }
}

async function leftovers(traces: Traces): Promise<string[]> {
  return [
    ...entries(traces.base).map((name) => `directory ${join(traces.base, name)}`),
    ...processes(traces),
    ...cgroups(traces.ids),
    ...mounts(traces),
    ...sockets(traces.ports),
    ...(await units(traces.ids)),
  ]
}

/** Every process that has a session's id, or the run's TMPDIR, in its control group, arguments, environment or directory. */
function processes({ directory, ids }: Traces): string[] {
  return entries('/proc').flatMap((pid) => {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) return []
    const of = (name: string) => text(`/proc/${pid}/${name}`).replaceAll('\0', ' ')
    const traits = [of('cgroup'), of('cmdline'), of('environ'), link(`/proc/${pid}/cwd`)].join('\n')
    const own = [directory, ...ids].some((word) => traits.includes(word))
    // A process that has ended has neither of them, only a parent that has not looked yet
    return own && !/^State:\s+[ZX]/m.test(of('status')) ? [`process ${pid}: ${of('cmdline')}`] : []
  })
}

function cgroups(ids: ReadonlySet<string>): string[] {
  // 36 35 98:0 ROOT MOUNT_POINT options - cgroup2 source options (proc(5))
  const mount = text('/proc/self/mountinfo')
    .split('\n')
    .find((line) => line.includes(' - cgroup2 '))
  const root = mount?.split(' ')[4]
  if (!root) return []
  const below = (directory: string): string[] =>
    entries(directory, true).flatMap((name) => [
      join(directory, name),
      ...below(join(directory, name)),
    ])
  return below(root)
    .filter((path) => [...ids].some((id) => path.includes(id)))
    .map((path) => `cgroup ${path}`)
}

function mounts({ directory, ids }: Traces): string[] {
  return text('/proc/self/mountinfo')
    .split('\n')
    .filter((line) => [directory, ...ids].some((word) => line.includes(word)))
    .map((line) => `mount ${line}`)
}

function sockets({ locks, numbers }: Ports): string[] {
  const held = portLocks().filter(({ inode }) => locks.includes(inode))
  const listening = new Set(
    [...text('/proc/net/tcp').matchAll(/^ *\d+: \w+:(\w+) \w+:\w+ 0A/gm)].map(([, port]) =>
      Number.parseInt(port ?? '', 16),
    ),
  )
  return [
    ...held.map(({ port }) => `lock of port ${port}`),
    ...numbers.filter((port) => listening.has(port)).map((port) => `listener on port ${port}`),
  ]
}

/** The units of the sessions under the user's own manager, where one runs. */
async function units(ids: ReadonlySet<string>): Promise<string[]> {
  if (!existsSync(`${process.env['XDG_RUNTIME_DIR']}/systemd/private`) || ids.size === 0) return []
  const argv = ['--user', 'list-units', '--all', '--plain', '--no-legend']
  const { stdout } = await promisify(execFile)('systemctl', argv)
  return stdout
    .split('\n')
    .filter((line) => [...ids].some((id) => line.includes(id)))
    .map((line) => `unit ${line}`)
}

/** The port locks that a process holds now. */
export async function portsOf(pid: number): Promise<Ports> {
  const links = entries(`/proc/${pid}/fd`).map((fd) => link(`/proc/${pid}/fd/${fd}`))
  const own = portLocks().filter(({ inode }) => links.includes(`socket:[${inode}]`))
  return { locks: own.map(({ inode }) => inode), numbers: own.map(({ port }) => port) }
}

function portLocks(): { inode: string; port: number }[] {
  const lines = text('/proc/net/unix').matchAll(/(\d+) @vitest-cluster\/port\/(\d+)$/gm)
  return [...lines].map(([, inode = '', port]) => ({ inode, port: Number(port) }))
}

// What ends while it is looked at is not there

function entries(directory: string, directories = false): string[] {
  try {
    return readdirSync(directory, { withFileTypes: true })
      .filter((entry) => !directories || entry.isDirectory())
      .map((entry) => entry.name)
  } catch {
    return []
  }
}

function text(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

function link(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    return ''
  }
}
