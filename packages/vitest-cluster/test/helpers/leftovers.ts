import { watch } from 'node:fs'
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { onTestFinished, vi } from 'vitest'
import { selectManager } from '../../src/session/select-manager.ts'
import { temporaryDirectory } from './temporary.ts'

/** A TMPDIR of the test's own, in which every session that is begun is seen. */
export interface OwnTemporary {
  readonly path: string
  /** Where sessions are. */
  readonly base: string
  /** The ids of all sessions that were begun in it. */
  ids(): Promise<string[]>
  /** What is there of any of them, as lines for a reader. Nothing should be. */
  leftovers(): Promise<string[]>
}

/** From here to the end of the test sessions are made in a directory of its own. */
export async function ownTemporary(): Promise<OwnTemporary> {
  const path = await temporaryDirectory()
  const base = join(path, `vitest-cluster-${process.getuid?.()}`)
  await mkdir(base, { mode: 0o700 })
  vi.stubEnv('TMPDIR', path)
  const seen = new Set<string>()
  let synced = () => {}
  const watcher = watch(base, (_, name) => {
    if (name === '.synced') synced()
    else if (name) seen.add(name.replace(/^\.new-/, ''))
  })
  onTestFinished(() => {
    watcher.close()
    vi.unstubAllEnvs()
  })
  const ids = async () => {
    // inotify(7) tells in order: when this file is seen, everything before it was
    const { promise, resolve } = Promise.withResolvers<void>()
    synced = resolve
    await writeFile(join(base, '.synced'), '')
    await promise
    await rm(join(base, '.synced'))
    return [...seen]
  }
  return {
    path,
    base,
    ids,
    leftovers: async () => {
      const all = await Promise.all((await ids()).map(leftoversOf))
      const directories = (await readdir(base)).map((name) => `directory ${name}`)
      return [...directories, ...all.flat()]
    },
  }
}

/** Processes, control groups, mounts and units with a session's id in their names. */
export async function leftoversOf(id: string): Promise<string[]> {
  const [pids, mounts, groups] = await Promise.all([
    readdir('/proc').then((names) => names.filter((name) => /^\d+$/.test(name))),
    readFile('/proc/self/mountinfo', 'utf8'),
    execa('find', ['/sys/fs/cgroup', '-type', 'd', '-name', `*${id}*`], { reject: false }),
  ])
  const processes = await Promise.all(
    pids.map(async (pid) => {
      const read = (name: string) => readFile(`/proc/${pid}/${name}`, 'utf8').catch(() => '')
      const [command, group, status] = await Promise.all([
        read('cmdline'),
        read('cgroup'),
        read('status'),
      ])
      // A zombie has ended; when init looks at it is nothing that a session could see to
      const runs = Number(pid) !== process.pid && !/^State:\tZ/m.test(status)
      const found = runs && `${command}${group}`.includes(id)
      return found ? [`process ${pid} ${command.replaceAll('\0', ' ')}`] : []
    }),
  )
  const lines = (what: string, text: string) =>
    text.split('\n').flatMap((line) => (line.includes(id) ? [`${what} ${line}`] : []))
  return [
    ...processes.flat(),
    ...lines('mount', mounts),
    ...lines('cgroup', groups.stdout),
    ...lines('unit', await userUnits(id)),
  ]
}

async function userUnits(id: string): Promise<string> {
  const choice = await selectManager().catch(() => undefined)
  if (choice?.kind !== 'user') return ''
  const argv = ['--user', 'list-units', '--all', '--plain', '--no-legend', `*${id}*`]
  for (let tries = 0; ; tries++) {
    const { stdout } = await execa('systemctl', argv)
    // Ended units are unloaded once systemd has seen that the run's connection is gone: each question gives it a turn
    const ended = stdout.split('\n').every((line) => / (dead|failed) /.test(line))
    if (!ended || tries === 50) return stdout
  }
}
