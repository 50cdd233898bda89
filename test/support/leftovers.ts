import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { execa } from 'execa'
import { type Ports, portsInUse } from './ports.ts'
import { entries, link, text } from './proc.ts'

/** What sessions can be known by. */
export interface Traces {
  readonly ids: Iterable<string>
  /** The TMPDIR of those who opened them, if nobody else has it: their sessions are below it. */
  readonly directory?: string
  readonly ports?: Ports
}

const LIMIT = 2_000

/** Where the sessions are of whoever has this TMPDIR. */
export function sessionsBelow(directory: string): string {
  return join(directory, `vitest-cluster-${process.getuid?.()}`)
}

/** Resolves as soon as nothing of the sessions exists. @throws Error naming what is there after 2 s */
export async function nothingLeft(traces: Traces | (() => Promise<Traces>)): Promise<void> {
  const end = Date.now() + LIMIT
  for (;;) {
    const left = await leftovers(typeof traces === 'function' ? await traces() : traces)
    if (left.length === 0) return
    if (Date.now() > end) throw new Error(`left after ${LIMIT} ms:\n${left.join('\n')}`)
    // The kernel tells nobody that a mount, a group or a process has gone
    await wait(50)
  }
}

/** What there is of the sessions, as lines for a reader. */
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

/** Every other process with one of the words in its control group, arguments, environment or directory. */
function processes(words: readonly string[]): string[] {
  return entries('/proc').flatMap((pid) => {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) return []
    const of = (name: string) => text(`/proc/${pid}/${name}`).replaceAll('\0', ' ')
    const traits = [of('cgroup'), of('cmdline'), of('environ'), link(`/proc/${pid}/cwd`)].join('\n')
    const own = words.some((word) => traits.includes(word))
    // One that has ended is nothing that a session could see to: its parent has not looked yet
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
    // Ended units are unloaded once systemd has seen that the run's connection is gone: each question gives it a turn
    const ending = lines.length > 0 && lines.every((line) => / (dead|failed) /.test(line))
    if (!ending || tries === 50) return lines.map((line) => `unit ${line}`)
  }
}
