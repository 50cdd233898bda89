import type { Json } from './json.ts'
import { reading } from './refuse.ts'
import type { PlaybookLayer } from './tree.ts'
import { check, checkOptions, checkSwitches, isPath, text } from './tree-checks.ts'

/** What the playbook finds in its inventory. There is one host, named `tree`. */
export interface PlaybookInventory {
  /** Groups that `tree` is in: what plays name in `hosts:`, and what `group_vars/` is looked up by. None by default. */
  readonly groups?: readonly string[]
  /** Variables of the host, as in `host_vars/tree.yml`. */
  readonly vars?: Readonly<Record<string, Json>>
}

export interface PlaybookOptions {
  readonly inventory?: PlaybookInventory
  /** Variables that win over all others (`ansible-playbook --extra-vars`). */
  readonly extraVars?: Readonly<Record<string, Json>>
  /**
   * Files and directories that it reads besides the playbook, what Ansible looks for beside it, and what it names
   * there. From the directory of `cluster.config.ts`.
   */
  readonly inputs?: readonly string[]
  /** Whether tasks may reach the network, as the apt module has to. False by default. */
  readonly network?: boolean
  /** Whether the tree is booted while it runs, so that its services run. False by default. */
  readonly booted?: boolean
}

const OPTIONS = ['inventory', 'extraVars', 'inputs', 'network', 'booted']
/** As Ansible demands (TRANSFORM_INVALID_GROUP_CHARS). */
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/
/** What the library says of the host itself. */
const OURS = /^ansible_(connection|host|user|python_interpreter)$/

/**
 * A layer that ansible-playbook(1) makes, run on this machine against the tree, without root.
 * @throws ClusterError `INVALID_DEFINITION`
 */
export function playbook(path: string, options: PlaybookOptions = {}): PlaybookLayer {
  return reading('playbook', undefined, () => playbookLayer(path, options))
}

function playbookLayer(path: string, options: PlaybookOptions): PlaybookLayer {
  check(isPath(path), `playbook: ${text(path)} is no path`, "Write playbook('site.yml').")
  checkOptions(`playbook ${path}`, options, OPTIONS)
  const { inventory = {}, extraVars = {}, inputs = [], network = false, booted = false } = options
  const ours = "The library makes the inventory, of one host: inventory: { groups: ['ldap'] }."
  check(
    Object.prototype.toString.call(inventory) === '[object Object]',
    `playbook ${path}: inventory is ${text(inventory)}`,
    ours,
  )
  const unknown = Object.keys(inventory).find((key) => key !== 'groups' && key !== 'vars')
  check(!unknown, `playbook ${path}: the inventory has ${text(unknown)}`, ours)
  const { groups = [], vars = {} } = inventory
  check(
    Array.isArray(groups) && groups.every(isGroup),
    `playbook ${path}: the inventory has groups: ${text(groups)}`,
    "Use letters, digits and _, such as groups: ['ldap_servers']; 'all' has every host anyway.",
  )
  checkVariables(path, 'inventory: { vars', vars)
  checkVariables(path, 'extraVars', extraVars)
  check(
    Array.isArray(inputs) && inputs.every(isPath),
    `playbook ${path}: inputs: ${text(inputs)} are no paths`,
    "Write inputs: ['certificates'].",
  )
  checkSwitches(`playbook ${path}`, { network, booted })
  const lists = { groups: [...new Set(groups)], inputs: [...new Set(inputs)] }
  return { kind: 'playbook', playbook: path, ...lists, hostVars: vars, extraVars, network, booted }
}

function checkVariables(path: string, what: string, variables: unknown): void {
  const end = what.includes('{') ? ' }' : ''
  check(
    typeof variables === 'object' && variables !== null && !Array.isArray(variables),
    `playbook ${path}: ${what}: ${text(variables)}${end} are no variables`,
    `Write ${what}: { ldap_suffix: 'dc=example' }${end}.`,
  )
  for (const [name, value] of Object.entries(variables as object)) {
    check(
      NAME.test(name) && !OURS.test(name),
      `playbook ${path}: ${what} has ${text(name)}`,
      OURS.test(name)
        ? 'The library says how the tree is reached; leave it out.'
        : 'Names of variables have letters, digits and _.',
    )
    check(
      isJson(value),
      `playbook ${path}: ${what} has ${name} with a value that JSON has not`,
      'Use texts, numbers, booleans, null, lists and objects of them.',
    )
  }
}

function isJson(value: unknown, above: readonly object[] = []): value is Json {
  if (value === null || ['string', 'boolean'].includes(typeof value)) return true
  if (typeof value === 'number') return Number.isFinite(value)
  const inside = [...above, value as object]
  if (above.includes(value as object) || above.length > 100) return false
  if (Array.isArray(value)) return value.every((each) => isJson(each, inside))
  const plain = Object.prototype.toString.call(value) === '[object Object]'
  return plain && Object.values(value as object).every((each) => isJson(each, inside))
}

function isGroup(name: unknown): boolean {
  return typeof name === 'string' && NAME.test(name) && !['tree', 'ungrouped'].includes(name)
}
