import { runFailed } from './build/failure.ts'
import type { Build, Inputs } from './build/step.ts'

/** Says what apt-get(8) and dpkg(1) are at, from what they print. */
export function aptProgress(build: Pick<Build, 'say'>): (line: string) => void {
  let total = ''
  return (line) => {
    const size = /^Need to get ([\d.,]+ ?[kMG]?B)/.exec(line)?.[1]
    if (size) total = size
    const fetched = /^Get:(\d+) \S+ \S+ \S+ (\S+)/.exec(line)
    const step = /^(Unpacking|Setting up) ([^ (:]+)/.exec(line)
    if (fetched)
      build.say(total ? `downloading ${fetched[2]} (${total} in all)` : `downloading ${fetched[2]}`)
    else if (step) build.say(`${step[1]?.toLowerCase()} ${step[2]}`)
    else if (/^I: (running|downloading|extracting|installing|cleaning)/.test(line))
      build.say(line.slice(3))
  }
}

/** The packages that a Debian tree has, with their versions (dpkg-query(1)). */
export async function debianPackages(build: Build): Promise<Inputs> {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg-query's own format
  const argv = ['dpkg-query', '--show', '--showformat=${Package}:${Architecture} ${Version}\\n']
  const result = await build.inTree(argv)
  const { stdout, exitCode } = result
  if (exitCode !== 0) throw runFailed('dpkg-query', result)
  return Object.fromEntries(
    stdout.split('\n').flatMap((line) => {
      const [name, version] = line.split(' ')
      return name && version ? [[`package ${name}`, version] as const] : []
    }),
  )
}
