import { ClusterError } from '../errors.ts'
import type { Build, Inputs, RunResult } from './build/step.ts'

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
  const { stdout, exitCode, lines } = await build.inTree(argv)
  if (exitCode !== 0) throw failed('dpkg-query', lines)
  return Object.fromEntries(
    stdout.split('\n').flatMap((line) => {
      const [name, version] = line.split(' ')
      return name && version ? [[`package ${name}`, version] as const] : []
    }),
  )
}

/** Tells from what apt printed what was wrong, and what to do about it. Pure. */
export function aptFailure(
  { lines }: Pick<RunResult, 'lines'>,
  { suite, mirror }: { readonly suite?: string; readonly mirror?: string },
): ClusterError {
  const log = lines
    .filter((line) => /^[EW]:|Err:|error|fail|cannot|unable|dpkg/i.test(line))
    .slice(-8)
  const said = lines.join('\n')
  const from = mirror ? ` from ${mirror}` : ''
  const unknown =
    /Unable to locate package (\S+)|Package '?(\S+?)'? has no installation candidate|Couldn't find any package by .*'(\S+)'/.exec(
      said,
    )
  if (unknown) {
    const name = unknown[1] ?? unknown[2] ?? unknown[3]
    return new ClusterError({
      code: 'UNKNOWN_PACKAGE',
      message: `there is no package '${name}'${suite ? ` in ${suite}` : ''}`,
      mend: `Look for its name: https://packages.debian.org/search?keywords=${name}. It may be in another component (components: ['main', 'contrib', …]).`,
    })
  }
  if (
    /NO_PUBKEY|BADSIG|EXPKEYSIG|is not signed|signatures? (?:couldn't|could not|were) |invalid signature|Sub-process .*(?:sqv|gpgv)/i.test(
      said,
    )
  ) {
    return new ClusterError({
      code: 'TREE_SIGNATURE',
      message: `the archive${from} is not signed by a key that is trusted here`,
      mend: "Give the archive's keys: keyring: 'FILE.gpg'. For Debian's own: sudo apt-get install debian-archive-keyring.",
      log,
    })
  }
  if (
    /does not have a Release file|404 +Not Found.*(?:Release|dists)|unable to detect.*suite/i.test(
      said,
    ) &&
    suite
  ) {
    return new ClusterError({
      code: 'UNKNOWN_SUITE',
      message: `there is no suite '${suite}'${from}`,
      mend: "Debian's are bookworm, trixie, forky, sid; a snapshot has those of its time.",
      log,
    })
  }
  if (
    /Could not resolve|Temporary failure resolving|Failed to fetch|Connection (?:refused|timed out|failed|reset)|Unable to connect|Could not connect|Network is unreachable|Hash Sum mismatch|Connection closed|unexpected size|Error reading from server/i.test(
      said,
    )
  ) {
    return new ClusterError({
      code: 'TREE_UNREACHABLE',
      message: `packages could not be fetched${from}`,
      mend: "See that the mirror can be reached (http_proxy and https_proxy are used), or name another: mirror: 'http://…'.",
      log,
    })
  }
  return failed('apt-get', lines)
}

function failed(what: string, lines: readonly string[]): ClusterError {
  return new ClusterError({
    code: 'TREE_FAILED',
    message: `${what} failed`,
    mend: 'Its last lines say why.',
    log: lines,
  })
}
