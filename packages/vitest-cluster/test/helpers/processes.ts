import { readdir, readFile } from 'node:fs/promises'

/** The processes of a session (by their command line or control group) whose command line contains a word. */
export async function processesOf(id: string, word: string): Promise<number[]> {
  const names = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const found = await Promise.all(
    names.map(async (pid) => {
      const read = (name: string) => readFile(`/proc/${pid}/${name}`, 'utf8').catch(() => '')
      const [command, group] = await Promise.all([read('cmdline'), read('cgroup')])
      return command.includes(word) && `${command}${group}`.includes(id) ? [Number(pid)] : []
    }),
  )
  return found.flat()
}
