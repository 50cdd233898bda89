import type { Uids } from '../../definition/service.ts'
import type { PlaybookEvent } from './playbook-events.ts'

/** What is known of a run that failed, besides what Ansible says. */
export interface PlaybookFacts {
  readonly network: boolean
  readonly uids: Uids
}

/** Modules that run in the tree without Python. */
const WITHOUT_PYTHON = ['raw', 'script']
/** Modules that ask apt for packages. */
const APT = ['apt', 'package']

const INPUTS =
  "Only the files that the playbook was found to depend on are there: name others, inputs: ['path']."

/**
 * What to do about a task that failed: what the task may have expected of a machine, and a tree that is made has not.
 * From facts; why it failed is for Ansible to say. Pure.
 */
export function taskMend(
  module: string,
  events: readonly PlaybookEvent[],
  { network, uids }: PlaybookFacts,
): string {
  const lacksPython = events.some(({ event }) => event === 'no-python')
  if (lacksPython && !WITHOUT_PYTHON.includes(module))
    return "Ansible's modules need Python in the tree: add packages(['python3']) below this layer (python3-minimal is not enough)."
  const lines = ['Its output says why.']
  if (!network) lines.push('Tasks have no network unless you write network: true.')
  else if (APT.includes(module))
    lines.push('A tree keeps no lists of packages: write update_cache: true in the task.')
  lines.push(INPUTS)
  if (uids === 'one')
    lines.push(
      'This machine gives a tree one uid only: docs/isolation.md has what accounts of their own need (subordinate uids).',
    )
  return lines.join('\n')
}

/** What to do about a playbook that Ansible does not take. */
export const REFUSED_MEND = [
  'Its last lines say why.',
  'Roles and collections are those beside the playbook: roles/, collections/ansible_collections.',
  INPUTS,
  'Vaults are not opened: give such values by extraVars: { … }.',
].join('\n')
