import type { Uids } from '../../definition/service-fields.ts'
import type { PlaybookLayer } from '../../definition/tree.ts'
import { ClusterError, saysWhy } from '../../errors.ts'

/**
 * An event that libexec/ansible/callback, booted/run.sh or python.sh has printed as a line of JSON:
 * - `play` and `task` when one begins; `recap` at the end, with the hosts of the run;
 * - `ok`, `skipped`, `failed`, `ignored` of a task, `item` of a failed iteration of a loop;
 * - `idle`: the task would have started or stopped a service, but services do not run during the build;
 * - `no-python`: the task failed, and the tree has no Python that modules can use;
 * - `booting`, `booted`, `journal` (lines of failed units follow), or one of {@link BOOT}.
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
  /** The lines of the module's result that are shown. */
  readonly lines?: readonly string[]
  readonly hosts?: unknown
}

/** A failed run of ansible-playbook(1). */
export interface PlaybookRun {
  readonly exitCode: number
  readonly events: readonly PlaybookEvent[]
  /** Lines of its output that are not events. */
  readonly lines: readonly string[]
  /** The output of failed units, if the tree is booted. */
  readonly journal: readonly string[]
  readonly uids: Uids
}

/** The event of a line; undefined for any other line. */
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

/** The most lines of Ansible's output that are shown. */
const SHOWN = 12

/** The error for a failed playbook, with Ansible's output and the fix. Pure. */
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
  "The playbook only sees files beside it that it refers to by name: add others by inputs: ['path']."

/** The most common fixes if Ansible rejects a playbook. */
const REFUSED = [
  'Roles and collections must be beside the playbook: in roles/ and collections/ansible_collections.',
  'A module may need a newer ansible-core: check ansible-playbook --version.',
  INPUTS,
  'Vaults are not supported: pass secret values by extraVars: { … }.',
]

/** The output of a task says why it failed. These are things that tasks often need and that a tree lacks during its build. */
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
      'On this machine a tree has only one uid: docs/isolation.md explains how to get more (subordinate uids).',
    )
  return lines.join('\n')
}

/** Errors of a tree that did not boot or power off. `silent` is the fix if there are no log lines to refer to. */
const BOOT: Readonly<Record<string, readonly [message: string, fix: string, silent?: string]>> = {
  'no-systemd': [
    'the tree has no systemd to boot it (booted: true)',
    "Add packages(['systemd', 'dbus']) below this layer.",
  ],
  'boot-ended': [
    "the tree's systemd ended at once",
    'Use a tree with systemd 247 or later. Or omit booted: then services are enabled, but not started.',
  ],
  'boot-late': [
    'the tree did not boot within 120 s',
    'The last lines show the units that it waits for: disable them in a layer below this one.',
    'Disable the units that it waits for in a layer below this one.',
  ],
  gone: [
    'a task has powered off or rebooted the tree',
    "Skip that task while a tree is built: when: ansible_connection != 'vitest_cluster'.",
  ],
  'poweroff-late': [
    'the tree did not power off within 120 s',
    'The last lines show the units that did not stop: set a shorter TimeoutStopSec= for them.',
    'Set a shorter TimeoutStopSec= for the units that do not stop.',
  ],
}

/** The error for a playbook whose hosts do not match the tree. Ansible itself reports success. Pure. */
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
    fix: `The only host is named 'tree'${member}. Add it to a group of ${playbook}: inventory: { groups: ['${hosts[0] ?? 'servers'}'] }, or write hosts: all.`,
  })
}
