import { readdir, readFile, readlink } from 'node:fs/promises'
import { join } from 'node:path'

/** Traces of unfinished builds in a cache: directories, processes, mounts, uses by this process. */
export async function halfMade(store: string): Promise<string[]> {
  const list = (name: string) => readdir(join(store, name)).catch(() => [])
  const [building, downloads, uses, mounts] = await Promise.all([
    list('building'),
    list('downloads'),
    list('uses'),
    readFile('/proc/self/mountinfo', 'utf8'),
  ])
  const used = await Promise.all(uses.map((key) => list(`uses/${key}`)))
  return [
    ...building.map((name) => `directory ${name}`),
    ...downloads.filter((name) => name.endsWith('.part')).map((name) => `download ${name}`),
    ...used.flat().map((name) => `use ${name}`),
    ...mounts.split('\n').filter((line) => line.includes(`${store}/`)),
    ...(await processesAt(store)),
  ]
}

/** Processes that work below a directory, or have it in their arguments. */
export async function processesAt(directory: string): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const found = await Promise.all(
    pids.map(async (pid) => {
      if (Number(pid) === process.pid) return []
      const read = (name: string) => readFile(`/proc/${pid}/${name}`, 'utf8').catch(() => '')
      const [cwd, command, environ] = await Promise.all([
        readlink(`/proc/${pid}/cwd`).catch(() => ''),
        read('cmdline'),
        read('environ'),
      ])
      const here = [cwd, command, environ].some((text) => text.includes(directory))
      return here ? [`process ${pid} ${command.replaceAll('\0', ' ')}`] : []
    }),
  )
  return found.flat()
}
