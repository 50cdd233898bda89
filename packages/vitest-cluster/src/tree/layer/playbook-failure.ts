import type { PlaybookLayer } from '../../definition/tree.ts'
import { ClusterError } from '../../errors.ts'
import type { RunResult } from '../build/step.ts'
import { type PlaybookEvent, titleOf } from './playbook-events.ts'
import { type PlaybookFacts, refusedMend, taskMend } from './playbook-mends.ts'

export interface PlaybookRun extends PlaybookFacts {
  readonly result: Pick<RunResult, 'exitCode'>
  readonly events: readonly PlaybookEvent[]
  /** What ansible-playbook printed besides its events. */
  readonly lines: readonly string[]
  /** What units that failed have written, where the tree is booted. */
  readonly journal: readonly string[]
}

/** How many lines of each output are shown. */
const SHOWN = 12

/** Tells what a playbook failed of, in Ansible's words, and what to do about it. Pure. */
export function playbookFailure(run: PlaybookRun): ClusterError {
  const { result, events, lines, journal } = run
  const failed = events.findLast(({ event }) => event === 'failed')
  if (failed?.event !== 'failed') return refused(result.exitCode, lines, run)
  const items = events.filter((event) => event.event === 'item' && event.path === failed.path)
  const log = [...[failed, ...items].flatMap((each) => outputs(each)), ...journal]
  const where = failed.path ? ` (${failed.path})` : ''
  return new ClusterError({
    code: 'TREE_FAILED',
    message: `the task '${titleOf(failed)}' failed${where}`,
    mend: taskMend(failed.module, events, log.join('\n'), run),
    log,
  })
}

/** How it marks an error of its own: `ERROR!` until 2.18, `[ERROR]:` since. */
const MARK = /^(ERROR!|\[ERROR\]:) */

/** Ansible began nothing, or gave up by itself: a playbook that is none, or a fault of its own. */
function refused(exitCode: number, lines: readonly string[], facts: PlaybookFacts): ClusterError {
  const said = lines.filter((line) => line.trim() !== '')
  const from = said.findLastIndex((line) => MARK.test(line))
  const headline = said[from]?.replace(MARK, '').trim()
  return new ClusterError({
    code: 'TREE_FAILED',
    message: headline
      ? `Ansible refuses it: ${headline}`
      : `ansible-playbook ended with ${exitCode}`,
    mend: refusedMend(headline ?? '', facts),
    log: headline ? said.slice(from + 1).slice(0, SHOWN) : said.slice(-SHOWN),
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
  return text.split('\n').filter((line) => line.trim() !== '')
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
