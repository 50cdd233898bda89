import { ClusterError } from '../../errors.ts'
import type { RunResult } from '../build/step.ts'
import { type PlaybookEvent, type Task, titleOf } from './playbook-events.ts'

export interface PlaybookRun {
  readonly result: Pick<RunResult, 'exitCode'>
  readonly events: readonly PlaybookEvent[]
  /** What ansible-playbook printed besides its events. */
  readonly lines: readonly string[]
  readonly network: boolean
}

/** How many lines of each output are shown. */
const SHOWN = 12

/** What is known of why a playbook fails: a pattern of what Ansible says, and the mend. */
const MENDS: readonly (readonly [RegExp, string])[] = [
  [
    /python\S*: not found|python\S*: No such file|set the interpreter|No module named '(shutil|json|zipfile|logging|subprocess)'/i,
    "Ansible's modules need Python in the tree: add packages(['python3']) below this layer (python3-minimal is not enough).",
  ],
  [
    /Could not find the requested service/,
    'The tree has no unit of that name. Is its package installed by a task before?',
  ],
  [
    /role '[^']*' was not found/,
    'Roles are looked for in roles/ beside the playbook. Those in ~/.ansible, /etc/ansible and collections of the machine are not used.',
  ],
  [
    /couldn't resolve module\/action/,
    'ansible-core has its own modules only. Put the collection into collections/ansible_collections beside the playbook, or use a module of ansible.builtin.',
  ],
  [
    /No package matching|Unable to locate package|no installation candidate/,
    'The tree keeps no lists of packages: write update_cache: true in the task of apt. Where that is there, look for the name.',
  ],
  [/is undefined/, 'Give it a value: in the role, in group_vars/, or by extraVars: { … }.'],
  [
    /Could not find or access|No such file or directory|was not found|could not (?:find|locate)|does not exist/i,
    "Only what the playbook was found to depend on is there. If it reads a file besides that, name it: inputs: ['path'].",
  ],
]
const UNREACHED =
  /Temporary failure resolving|Could not resolve|Network is unreachable|Name or service not known|Temporary failure in name resolution|Failed to update apt cache|Failed to fetch/
const NEEDS_NETWORK = 'Tasks have no network unless you write network: true.'

/** Tells what a playbook failed of, and what to do about it. Pure. */
export function playbookFailure({ result, events, lines, network }: PlaybookRun): ClusterError {
  const failed = events.findLast(({ event }) => event === 'failed')
  if (failed?.event !== 'failed') return refused(result.exitCode, lines)
  const items = events.filter((event) => event.event === 'item' && event.path === failed.path)
  const log = [failed, ...items].flatMap((each) => outputs(each))
  const said = log.join('\n')
  const where = failed.path ? ` (${failed.path})` : ''
  const mend = !network && UNREACHED.test(said) ? NEEDS_NETWORK : mendFor(said)
  return new ClusterError({
    code: 'TREE_FAILED',
    message: `the task '${titleOf(failed as Task)}' failed${where}`,
    mend: mend ?? 'Its output says why; the tree stays as it was.',
    log,
  })
}

/** Ansible began nothing, or gave up by itself: a playbook that is none, or a fault of its own. */
function refused(exitCode: number, lines: readonly string[]): ClusterError {
  const from = lines.findLastIndex((line) => /^(ERROR!|\[ERROR\]:)/.test(line))
  const log = lines.slice(Math.max(from, 0)).filter((line) => line.trim() !== '')
  const [first = '', ...rest] = log
  const message = first.replace(/^(ERROR!|\[ERROR\]:) */, '')
  const told = from >= 0 && message
  return new ClusterError({
    code: 'TREE_FAILED',
    message: told ? `Ansible refuses it: ${message}` : `ansible-playbook ended with ${exitCode}`,
    mend: mendFor(log.join(' ')) ?? 'The last lines say why.',
    log: told ? rest : log,
  })
}

function mendFor(said: string): string | undefined {
  return MENDS.find(([pattern]) => pattern.test(said))?.[1]
}

function outputs(event: PlaybookEvent): string[] {
  if (event.event !== 'failed' && event.event !== 'item') return []
  const { msg, reason, stdout, stderr, module_stdout, module_stderr, censored, item } = event
  const about = item === undefined ? [] : [`item: ${item}`]
  const texts = [msg ?? reason ?? censored, stdout, stderr, module_stdout, module_stderr]
  const shown = texts.flatMap((text) => text?.trim().split('\n').slice(-SHOWN) ?? [])
  return [...about, ...new Set(shown.filter((line) => line.trim() !== ''))]
}
