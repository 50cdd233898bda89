/** Says what dnf(8) is at, from what it prints. */
export function dnfProgress(say: (message: string) => void): (line: string) => void {
  let size = ''
  return (line) => {
    const total = /^Total download size: (.+)/.exec(line)
    if (total) size = ` (${total[1]?.trim()}B in all)`
    const fetched = /^\((\d+)\/(\d+)\): (\S+?)(?:\.rpm)?\s/.exec(line)
    if (fetched) say(`downloading ${fetched[3]}, ${fetched[1]} of ${fetched[2]}${size}`)
    const installed = /^ +Installing +: (\S+) +(\d+)\/(\d+)/.exec(line)
    if (installed) say(`installing ${installed[1]}, ${installed[2]} of ${installed[3]}`)
  }
}
