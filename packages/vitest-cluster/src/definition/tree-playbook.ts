import type { Json } from './json.ts'
import { reading, shown } from './refuse.ts'
import { a, checked, flag, list, object, optional, path, record, valid } from './schema.ts'
import type { PlaybookLayer } from './tree.ts'
import { paths } from './tree-checks.ts'

/** The inventory of the playbook. It has one host, named `tree`. */
export interface PlaybookInventory {
  /** Groups of the host `tree`, for `hosts:` of plays and for `group_vars/`. None by default. */
  readonly groups?: readonly string[]
  /** Variables of the host, as in `host_vars/tree.yml`. */
  readonly vars?: Readonly<Record<string, Json>>
}

/** Options of `playbook()`. */
export interface PlaybookOptions {
  /** Groups and variables of the one host of the inventory. */
  readonly inventory?: PlaybookInventory
  /** Variables that override all others (`ansible-playbook --extra-vars`). */
  readonly extraVars?: Readonly<Record<string, Json>>
  /**
   * Further files and directories that it reads, besides those beside the playbook that Ansible or the playbook names.
   * Relative to the directory of `cluster.config.ts`.
   */
  readonly inputs?: readonly string[]
  /** Whether tasks may reach the network, as the apt module has to. False by default. */
  readonly network?: boolean
  /** Whether the tree is booted while it runs, so that its services run. False by default. */
  readonly booted?: boolean
}

/** The names that Ansible accepts (TRANSFORM_INVALID_GROUP_CHARS). */
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/
/** Variables of the host that the library sets. */
const OURS = /^ansible_(connection|host|user|python_interpreter)$/
const GROUPS =
  "Use letters, digits and _, such as groups: ['ldap_servers']; the group 'all' always exists."

const variables = (fix: string) =>
  record<Json>(
    (name, all, refuse) => {
      if (OURS.test(name as string)) {
        const reason = 'Remove the variable: it defines how Ansible connects to the tree.'
        refuse(`${all} is ${shown(name)}, which the library sets`, reason)
      }
      return VARIABLE(name, all, refuse)
    },
    a('JSON', isJson, 'Use strings, numbers, booleans, null, arrays and objects of them.'),
    fix,
  )
const VARIABLE = valid(
  (name) => (NAME.test(name as string) ? undefined : 'is not the name of a variable'),
  'Use letters, digits and _, and do not begin with a digit.',
)

const PATH = path("Write playbook('site.yml').")
const OPTIONS = object<PlaybookOptions>({
  inventory: optional(
    object<PlaybookInventory>({
      groups: optional(list(a('the name of a group', isGroup, GROUPS), GROUPS)),
      vars: optional(variables("Write inventory: { vars: { ldap_suffix: 'dc=example' } }.")),
    }),
  ),
  extraVars: optional(variables("Write extraVars: { ldap_suffix: 'dc=example' }.")),
  inputs: optional(paths("Write inputs: ['certificates'].")),
  network: optional(flag),
  booted: optional(flag),
})

/**
 * A layer that ansible-playbook(1) makes, run on this machine against the tree, without root.
 * @throws ClusterError `INVALID_DEFINITION`
 */
export function playbook(path: string, options: PlaybookOptions = {}): PlaybookLayer {
  return reading('playbook', undefined, () => playbookLayer(path, options))
}

function playbookLayer(given: string, options: PlaybookOptions): PlaybookLayer {
  const path = checked(PATH, given, { what: 'playbook', name: 'path' })
  const {
    inventory: { groups = [], vars = {} } = {},
    inputs = [],
    ...rest
  } = checked(OPTIONS, options, { what: `playbook ${path}` })
  return {
    ...{ kind: 'playbook', playbook: path, groups: [...new Set(groups)], hostVars: vars },
    ...{ extraVars: {}, inputs: [...new Set(inputs)], network: false, booted: false },
    ...rest,
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
