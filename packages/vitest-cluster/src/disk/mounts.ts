import { readFileSync } from 'node:fs'

/** The options of the mount that contains a path of the host (proc_pid_mountinfo(5)). */
export function mountOptions(path: string): readonly string[] {
  const lines = readFileSync('/proc/self/mountinfo', 'utf8').split('\n')
  const mounts = lines.map((line) => {
    const [, , , , point = '', options = ''] = line.split(' ')
    const place = point.replace(/\\([0-7]{3})/g, (_, code) =>
      String.fromCharCode(Number.parseInt(code, 8)),
    )
    return { place, options: options.split(',') }
  })
  const above = mounts.filter(
    ({ place }) => place === '/' || path === place || path.startsWith(`${place}/`),
  )
  // The last of those with the longest path covers the others
  return above.toSorted((a, b) => a.place.length - b.place.length).at(-1)?.options ?? []
}
