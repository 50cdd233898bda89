import { ClusterError, type ClusterErrorDetails } from '../../errors.ts'
import { type GroupSource, groupSource } from '../../machine/group-source.ts'
import type { Build } from '../build/step.ts'
import { type BootFailure, type PlaybookEvent, titleOf } from './playbook-events.ts'

/**
 * The control group that a tree is booted in while its playbook runs.
 * @throws ClusterError `ISOLATION_UNAVAILABLE` where this machine cannot boot a tree
 */
export async function groupToBoot({ uids }: Pick<Build, 'uids'>): Promise<GroupSource> {
  const source = await groupSource(process.env, process.getuid?.() ?? 0)
  if (source && uids === 'many') return source
  // A quick look is enough where all is well; what exactly is missing takes a longer one
  const { noIsolation, noGroup } = await import('../../doctor/explain.ts')
  const lack = source ? await noIsolation('boot') : undefined
  const { found, mend } = lack ?? (await noGroup(process.env))
  throw new ClusterError({
    code: 'ISOLATION_UNAVAILABLE',
    message: `booted: true: this machine cannot boot a tree: ${found}`,
    mend,
  })
}

/** The error for a tree that did not boot or power off; undefined where it is not that which failed. Pure. */
export function bootFailure(
  events: readonly PlaybookEvent[],
  journal: readonly string[],
): ClusterError | undefined {
  const failed = events.map(({ event }) => event).find((event) => Object.hasOwn(FAILURES, event))
  if (!failed) return undefined
  const last = events.findLast((event) => event.event === 'task')
  const task = failed === 'gone' && last?.event === 'task' ? [titleOf(last)] : []
  return new ClusterError({ ...FAILURES[failed as BootFailure], log: [...task, ...journal] })
}

const FAILURES: Readonly<Record<BootFailure, ClusterErrorDetails>> = {
  'no-systemd': {
    code: 'MISSING_PROGRAM',
    message: 'the tree has no systemd to boot it (booted: true)',
    mend: "Add packages(['systemd', 'dbus']) below this layer.",
  },
  'boot-ended': {
    code: 'TREE_FAILED',
    message: "the tree's systemd ended at once",
    mend: 'It has to be systemd 247 or later. Or leave booted out: services are enabled then, not run.',
  },
  'boot-late': {
    code: 'TREE_FAILED',
    message: 'the tree has not booted after 120 s',
    mend: 'The last lines are what it waits for: disable that by a layer below this one.',
  },
  gone: {
    code: 'TREE_FAILED',
    message: 'a task has powered the tree off, or rebooted it',
    mend: "Leave it out while a tree is made: when: ansible_connection != 'vitest_cluster'.",
  },
  'poweroff-late': {
    code: 'TREE_FAILED',
    message: 'the tree has not powered off after 120 s',
    mend: 'The last lines are what does not stop: give it a shorter TimeoutStopSec=.',
  },
}
