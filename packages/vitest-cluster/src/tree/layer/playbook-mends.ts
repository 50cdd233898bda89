import type { Uids } from '../../definition/service.ts'
import type { PlaybookEvent } from './playbook-events.ts'

/** What is known of a run that failed, besides what Ansible says. */
export interface PlaybookFacts {
  readonly network: boolean
  readonly booted: boolean
  readonly uids: Uids
  /** The version of ansible-core; undefined where nobody asked, or it does not say. */
  readonly core?: string | undefined
}

/** Modules that run in the tree without Python. */
const WITHOUT_PYTHON = ['raw', 'script']
/** Modules that ask apt for packages. */
const APT = ['apt', 'package']

const INPUTS =
  "Only the files that the playbook was found to depend on are there: name others, inputs: ['path']."

/** What says that there is no bus: systemd's programs of several versions, D-Bus's libraries. */
const NO_BUS =
  /Failed to (?:connect to|get)\b.* (?:D-)?bus\b|Failed to create bus connection|not been booted with systemd|system_bus_socket/i
/** What says that nobody answers. */
const NO_ANSWER = /connection refused|can't contact|(?:can't|could not) connect to/i
const BOOT = 'Services are not run while a tree is made: with booted: true they are.'
const NO_MODULE = /couldn't resolve module\/action '([\w.]+)'/

/** Whether Ansible says that there is no such module, for which its version matters. */
export function lacksModule(said: string): boolean {
  return NO_MODULE.test(said)
}

/**
 * What to do about a task that failed: what is known from the words of the program, or else what the task may have
 * expected of a machine, and a tree that is made has not. Why it failed is for Ansible to say. Pure.
 */
export function taskMend(
  module: string,
  events: readonly PlaybookEvent[],
  said: string,
  facts: PlaybookFacts,
): string {
  const { network, booted, uids } = facts
  const lacksPython = events.some(({ event }) => event === 'no-python')
  if (lacksPython && !WITHOUT_PYTHON.includes(module))
    return "Ansible's modules need Python in the tree: add packages(['python3']) below this layer (python3-minimal is not enough)."
  if (/\bsudo: (?:command )?not found/.test(said))
    return "The tree has no sudo: add packages(['sudo']) below this layer. Without become_method su(1) is used, which is there."
  if (lacksModule(said)) return moduleMend(said, facts)
  if (!booted && NO_BUS.test(said))
    return 'The task needs systemd or its bus to run: write booted: true (docs/ansible.md).'
  const lines = ['Its output says why.']
  const idle = events.some(({ event }) => event === 'idle')
  if (!booted && (idle || module === 'wait_for' || NO_ANSWER.test(said))) lines.push(BOOT)
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

/** What to do about a playbook that Ansible does not take. Pure. */
export function refusedMend(said: string, facts: PlaybookFacts): string {
  if (lacksModule(said)) return moduleMend(said, facts)
  return [
    'Its last lines say why.',
    COLLECTIONS,
    INPUTS,
    'Vaults are not opened: give such values by extraVars: { … }.',
  ].join('\n')
}

const COLLECTIONS =
  'Roles and collections are those beside the playbook: roles/, collections/ansible_collections.'

/** ansible.builtin is what ansible-core brings; a name without a collection may be of one, too. */
function moduleMend(said: string, { core }: PlaybookFacts): string {
  const [, name = ''] = NO_MODULE.exec(said) ?? []
  const ours = `ansible-core ${core ?? ''}`.trim()
  const older = `This machine has ${ours}, without such a module: correct the name, or install an ansible-core that has it.`
  if (/^ansible\.(?:builtin|legacy)\./.test(name)) return older
  return name.includes('.') ? COLLECTIONS : `${older}\nOr is it a collection's? ${COLLECTIONS}`
}
