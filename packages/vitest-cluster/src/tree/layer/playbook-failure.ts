import type { PlaybookLayer } from '../../definition/tree.ts'
import { ClusterError } from '../../errors.ts'
import type { RunResult } from '../build/step.ts'
import { type PlaybookEvent, titleOf } from './playbook-events.ts'
import { mendFor } from './playbook-mends.ts'

export interface PlaybookRun {
  readonly result: Pick<RunResult, 'exitCode'>
  readonly events: readonly PlaybookEvent[]
  /** What ansible-playbook printed besides its events. */
  readonly lines: readonly string[]
  /** What units that failed have written, where the tree is booted. */
  readonly journal: readonly string[]
  readonly network: boolean
}

/** How many lines of each output are shown. */
const SHOWN = 12
/** What Ansible says of every error, and helps with none. */
const NOISE =
  /^(If you are using a module and expect|We could be wrong|missing quotes|The error appears to be in|be elsewhere in the file|The offending line appears|JSON: |Syntax Error while loading YAML|We were unable to read either|See stdout\/stderr for the exact error|Unable to retrieve file contents|Origin: )/

/** Tells what a playbook failed of, and what to do about it. Pure. */
export function playbookFailure(run: PlaybookRun): ClusterError {
  const { result, events, lines, journal, network } = run
  const failed = events.findLast(({ event }) => event === 'failed')
  if (failed?.event !== 'failed') return refused(result.exitCode, lines, network)
  const items = events.filter((event) => event.event === 'item' && event.path === failed.path)
  const log = [...[failed, ...items].flatMap((each) => outputs(each)), ...journal]
  const where = failed.path ? ` (${failed.path})` : ''
  return new ClusterError({
    code: 'TREE_FAILED',
    message: `the task '${titleOf(failed)}' failed${where}`,
    mend: mendFor(log.join('\n'), network) ?? 'Its output says why.',
    log,
  })
}

/** Ansible began nothing, or gave up by itself: a playbook that is none, or a fault of its own. */
function refused(exitCode: number, lines: readonly string[], network: boolean): ClusterError {
  // `ERROR!` until 2.18, `[ERROR]:` since
  const from = lines.findLastIndex((line) => /^(ERROR!|\[ERROR\]:)/.test(line))
  const said = lines.slice(Math.max(from, 0)).filter((line) => line.trim() !== '')
  const text = said.join('\n')
  if (from < 0) {
    return new ClusterError({
      code: 'TREE_FAILED',
      message: `ansible-playbook ended with ${exitCode}`,
      mend: mendFor(text, network) ?? 'The last lines say why.',
      log: said.slice(-SHOWN),
    })
  }
  const [headline = '', ...rest] = said
    .map((line) => line.replace(/^(ERROR!|\[ERROR\]:) */, ''))
    .filter((line) => !NOISE.test(line.trim()))
  // As 2.18 and earlier, and as later versions say it
  const place =
    /appears to be in '([^']*)': line (\d+)/.exec(text) ?? /^Origin: (.*?):(\d+)/m.exec(text)
  const where = place ? ` (${place[1]}:${place[2]})` : ''
  return new ClusterError({
    code: 'TREE_FAILED',
    message: `Ansible refuses it: ${headline.trim().replace(/(role '.*' was not found) in .*/, '$1')}${where}`,
    mend: mendFor(text, network) ?? 'The last lines say why.',
    log: rest.slice(0, SHOWN),
  })
}

function outputs(event: PlaybookEvent): string[] {
  if (event.event !== 'failed' && event.event !== 'item') return []
  const { msg, reason, stdout, stderr, module_stdout, module_stderr, censored, item } = event
  const about = item === undefined ? [] : [`item: ${item}`]
  // A message begins with what counts, outputs end with it
  const message = linesOf(msg ?? reason ?? censored).slice(0, SHOWN)
  const rest = [stdout, stderr, module_stdout, module_stderr]
  return [...about, ...message, ...new Set(rest.flatMap((text) => linesOf(text).slice(-SHOWN)))]
}

function linesOf(text = ''): string[] {
  // Ansible's advice on quotes follows a message, and begins so
  const [said = ''] = text.split(/\n+The error appears to be in/)
  return said.split('\n').filter((line) => line.trim() !== '' && !NOISE.test(line.trim()))
}

/** The error for a playbook that is for other hosts, which Ansible takes for success. Pure. */
export function nothingDone(
  { playbook, groups }: PlaybookLayer,
  events: readonly PlaybookEvent[],
): ClusterError {
  const hosts = events.flatMap((event) => (event.event === 'play' ? [event.hosts] : []))
  const wanted = [...new Set(hosts)].join(', ')
  const member = groups.length > 0 ? `, which is in ${groups.join(', ')}` : ''
  return new ClusterError({
    code: 'TREE_FAILED',
    message: `nothing of it is for the tree: its plays are for ${wanted || 'no hosts'}`,
    mend: `The one host is named 'tree'${member}. Put it into a group that ${playbook} is for: inventory: { groups: ['${hosts[0] ?? 'servers'}'] }, or write hosts: all.`,
  })
}

/** The error for a machine that cannot run playbooks. Pure. */
export function missingAnsible(): ClusterError {
  return new ClusterError({
    code: 'MISSING_PROGRAM',
    message: 'ansible-playbook is not installed on this machine',
    mend: 'sudo apt-get install ansible-core   # Fedora: sudo dnf install ansible-core, Arch: sudo pacman -S ansible-core',
  })
}
