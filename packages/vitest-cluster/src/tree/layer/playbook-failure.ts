import type { Uids } from '../../definition/service.ts'
import type { PlaybookLayer } from '../../definition/tree.ts'
import { ClusterError, saysWhy } from '../../errors.ts'

/**
 * What libexec/ansible/callback says, and booted/run.sh and python.sh, one JSON object a line:
 * - `play`, and `task` as one begins; `recap` at the end, with the hosts that took part;
 * - `ok`, `skipped`, `failed`, `ignored` of a task, `item` of one turn of a loop that failed;
 * - `idle`: the task would have started or stopped a service, but did not;
 * - `no-python`: it failed, and the tree has no Python that modules can run with;
 * - `booting`, `booted`, `journal` (lines about what failed follow), or one of {@link BOOT}.
 */
export interface PlaybookEvent {
  readonly event: string
  readonly role?: string
  readonly name?: string
  /** Without its collection: `apt`. */
  readonly module?: string
  /** `FILE:LINE`. */
  readonly path?: string
  readonly warnings?: readonly string[]
  /** What the module gave back, as much as is shown. */
  readonly lines?: readonly string[]
  readonly hosts?: unknown
}

/** How a run of ansible-playbook(1) that failed went. */
export interface PlaybookRun {
  readonly exitCode: number
  readonly events: readonly PlaybookEvent[]
  /** What it printed besides its events. */
  readonly lines: readonly string[]
  /** What units that failed have written, where the tree is booted. */
  readonly journal: readonly string[]
  readonly uids: Uids
}

/** What was said, or undefined for a line that is something else. */
export function parseEvent(line: string): PlaybookEvent | undefined {
  if (!line.startsWith('{"event": "')) return undefined
  try {
    return JSON.parse(line) as PlaybookEvent
  } catch {
    return undefined
  }
}

/** `slapd : write the configuration`, as Ansible prints it. */
export function titleOf({ role, name = '' }: PlaybookEvent): string {
  return role ? `${role} : ${name}` : name
}

/** How many lines are shown of what Ansible says. */
const SHOWN = 12

/** Tells what a playbook failed of, in Ansible's words, and what to do about it. Pure. */
export function playbookFailure(layer: PlaybookLayer, run: PlaybookRun): ClusterError {
  const { events, lines, journal, exitCode } = run
  const boot = events.find(({ event }) => Object.hasOwn(BOOT, event))?.event ?? ''
  const last = events.findLast(({ event }) => event === 'task')
  const [message, fix, silent] = BOOT[boot] ?? []
  if (message !== undefined) {
    const code = boot === 'no-systemd' ? 'MISSING_PROGRAM' : 'TREE_FAILED'
    const task = boot === 'gone' && last ? [titleOf(last)] : []
    const log = [...task, ...journal]
    return new ClusterError({ code, message, fix: log.length > 0 ? fix : (silent ?? fix), log })
  }
  const failed = events.findLast(({ event }) => event === 'failed')
  if (!failed) {
    const log = lines.filter((line) => line.trim() !== '').slice(-SHOWN)
    const when = last ? `after the task '${titleOf(last)}' began` : 'before the first task'
    return new ClusterError({
      code: 'TREE_FAILED',
      message: `ansible-playbook ended with ${exitCode} ${when}`,
      fix: [`${saysWhy(log)}.`, ...REFUSED].join('\n'),
      log,
    })
  }
  const items = events.filter(({ event, path }) => event === 'item' && path === failed.path)
  const where = failed.path ? ` (${failed.path})` : ''
  const log = [...[failed, ...items].flatMap(({ lines: its = [] }) => its), ...journal]
  return new ClusterError({
    code: 'TREE_FAILED',
    message: `the task '${titleOf(failed)}' failed${where}`,
    fix: whatHelps(failed, layer, run, log),
    log,
  })
}

const INPUTS =
  "The playbook sees only the files that it was found to depend on: add others by inputs: ['path']."

/** What helps most often where Ansible does not take a playbook. */
const REFUSED = [
  'Roles and collections are those beside the playbook: roles/, collections/ansible_collections.',
  'A module may be newer than this ansible-core: ansible-playbook --version.',
  INPUTS,
  'Vaults are not supported: pass such values by extraVars: { … }.',
]

/** Why it failed is for the task to say; this is what it may expect of a machine, and a tree that is being built lacks. */
function whatHelps(
  { module = '' }: PlaybookEvent,
  { network, booted }: PlaybookLayer,
  { events, uids }: PlaybookRun,
  log: readonly string[],
): string {
  const lacksPython = events.some(({ event }) => event === 'no-python')
  if (lacksPython && !['raw', 'script'].includes(module))
    return "Ansible's modules need Python in the tree: add packages(['python3']) below this layer (python3-minimal is not enough)."
  const lines = [log.length > 0 ? 'See its output.' : 'It wrote nothing.']
  if (!booted)
    lines.push(
      'Services and D-Bus do not run while a tree is built; booted: true runs them (docs/ansible.md).',
    )
  lines.push(
    network
      ? 'The tree has no package lists: set update_cache: true in the task that installs packages.'
      : 'Tasks have no network unless you set network: true.',
    "Programs are the tree's own: add packages(['sudo']) below this layer for become_method: sudo.",
    INPUTS,
  )
  if (uids === 'one')
    lines.push(
      'This machine gives a tree one uid only: docs/isolation.md has what accounts of their own need (subordinate uids).',
    )
  return lines.join('\n')
}

/** A tree that did not boot or power off: what happened, what helps, and the same where no lines are shown. */
const BOOT: Readonly<Record<string, readonly [message: string, fix: string, silent?: string]>> = {
  'no-systemd': [
    'the tree has no systemd to boot it (booted: true)',
    "Add packages(['systemd', 'dbus']) below this layer.",
  ],
  'boot-ended': [
    "the tree's systemd ended at once",
    'It has to be systemd 247 or later. Or leave booted out: services are enabled then, not run.',
  ],
  'boot-late': [
    'the tree has not booted after 120 s',
    'The last lines are what it waits for: disable that by a layer below this one.',
    'Disable what it waits for by a layer below this one.',
  ],
  gone: [
    'a task has powered the tree off, or rebooted it',
    "Leave it out while a tree is built: when: ansible_connection != 'vitest_cluster'.",
  ],
  'poweroff-late': [
    'the tree has not powered off after 120 s',
    'The last lines are what does not stop: give it a shorter TimeoutStopSec=.',
    'Give what does not stop a shorter TimeoutStopSec=.',
  ],
}

/** The error for a playbook that is for other hosts, which Ansible takes for success. Pure. */
export function nothingDone(
  { playbook, groups }: PlaybookLayer,
  events: readonly PlaybookEvent[],
): ClusterError {
  const hosts = events.flatMap(({ event, hosts }) => (event === 'play' ? [`${hosts}`] : []))
  const wanted = [...new Set(hosts)].join(', ')
  const member = groups.length > 0 ? `, which is in ${groups.join(', ')}` : ''
  return new ClusterError({
    code: 'TREE_FAILED',
    message: `no play matches the tree: its plays are for ${wanted || 'no hosts'}`,
    fix: `The only host is named 'tree'${member}. Put it into a group that ${playbook} is for: inventory: { groups: ['${hosts[0] ?? 'servers'}'] }, or write hosts: all.`,
  })
}
