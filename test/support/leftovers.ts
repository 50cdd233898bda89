import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { execa } from 'execa'
import { type Ports, portsInUse } from './ports.ts'
import { entries, link, text } from './proc.ts'

/** What identifies sessions. */
export interface Traces {
  readonly ids: Iterable<string>
  /** The TMPDIR of the processes that opened the sessions, if no other process uses it. */
  readonly directory?: string
  readonly ports?: Ports
}

const LIMIT = 2_000

/** The directory of sessions below a TMPDIR. */
export function sessionsBelow(directory: string): string {
  return join(directory, `vitest-cluster-${process.getuid?.()}`)
}

/** Resolves as soon as nothing of the sessions exists. @throws Error with what is left after 2 s */
export async function nothingLeft(traces: Traces | (() => Promise<Traces>)): Promise<void> {
  const end = Date.now() + LIMIT
  for (;;) {
    const left = await leftovers(typeof traces === 'function' ? await traces() : traces)
    if (left.length === 0) return
    if (Date.now() > end) throw new Error(`left after ${LIMIT} ms:\n${left.join('\n')}`)
    // The kernel does not report the end of a mount, a group or a process
    await wait(50)
  }
}

/** What is left of the sessions, as readable lines. */
export async function leftovers({ ids, directory, ports }: Traces): Promise<string[]> {
  const names = [...ids]
  const words = directory ? [directory, ...names] : names
  return [
    ...(directory ? entries(sessionsBelow(directory)).map((name) => `directory ${name}`) : []),
    ...processes(words),
    ...cgroups(names),
    ...mounts(words),
    ...(ports ? portsInUse(ports) : []),
    ...(await units(names)),
  ]
}

/** Every other process that has one of the words in its control group, arguments, environment or directory. */
function processes(words: readonly string[]): string[] {
  return entries('/proc').flatMap((pid) => {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) return []
    const of = (name: string) => text(`/proc/${pid}/${name}`).replaceAll('\0', ' ')
    const traits = [of('cgroup'), of('cmdline'), of('environ'), link(`/proc/${pid}/cwd`)].join('\n')
    const own = words.some((word) => traits.includes(word))
    // A zombie is not a session's fault: its parent has not reaped it yet
    return own && !/^State:\s+[ZX]/m.test(of('status')) ? [`process ${pid}: ${of('cmdline')}`] : []
  })
}

/** Groups of the sessions in cgroup2 and in every hierarchy of cgroup v1 that is mounted. */
function cgroups(ids: readonly string[]): string[] {
  // 36 35 98:0 ROOT MOUNT_POINT options - cgroup2 source options (proc(5))
  const mounts = text('/proc/self/mountinfo')
    .split('\n')
    .filter((line) => / - cgroup2? /.test(line))
    .map((line) => line.split(' ')[4] ?? '')
  const below = (directory: string): string[] =>
    entries(directory, true).flatMap((name) => [
      join(directory, name),
      ...below(join(directory, name)),
    ])
  return [...new Set(mounts)]
    .flatMap(below)
    .filter((path) => ids.some((id) => path.includes(id)))
    .map((path) => `cgroup ${path}`)
}

function mounts(words: readonly string[]): string[] {
  return text('/proc/self/mountinfo')
    .split('\n')
    .filter((line) => words.some((word) => line.includes(word)))
    .map((line) => `mount ${line}`)
}

/** The units of the sessions under the user's own manager, where one runs. */
async function units(ids: readonly string[]): Promise<string[]> {
  if (!existsSync(`${process.env['XDG_RUNTIME_DIR']}/systemd/private`) || ids.length === 0)
    return []
  const globs = ids.map((id) => `*${id}*`)
  const argv = ['--user', 'list-units', '--all', '--plain', '--no-legend', ...globs]
  for (let tries = 0; ; tries++) {
    const { stdout } = await execa('systemctl', argv)
    const lines = stdout.split('\n').filter((line) => line !== '')
    // systemd unloads ended units once it has seen that the run's connection is closed: each call gives it a chance
    const ending = lines.length > 0 && lines.every((line) => / (dead|failed) /.test(line))
    if (!ending || tries === 50) return lines.map((line) => `unit ${line}`)
  }
}
