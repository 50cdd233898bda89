import { isClusterError } from '../errors.ts'
import type { Refuse } from './refuse.ts'
import type { Base, Layer, TreeDefinition } from './tree.ts'
import { archiveBase, rpmBase } from './tree-archive.ts'
import { debianBase } from './tree-debian.ts'
import { directoryBase } from './tree-directory.ts'
import { command, files, packages } from './tree-layers.ts'
import { playbook } from './tree-playbook.ts'

/** Each kind of base and layer is checked by the function that makes it. */
const BASES: { readonly [Kind in Base['kind']]: (base: Extract<Base, { kind: Kind }>) => unknown } =
  {
    host: () => {},
    debian: ({ kind: _, ...options }) => debianBase(options),
    archive: ({ kind: _, source, ...options }) => archiveBase(source, options),
    directory: ({ kind: _, path, ...options }) => directoryBase(path, options),
    rpm: ({ kind: _, ...options }) => rpmBase(options),
  }
const LAYERS: {
  readonly [Kind in Layer['kind']]: (layer: Extract<Layer, { kind: Kind }>) => unknown
} = {
  files: (layer) => files(layer.files),
  packages: (layer) => packages(layer.packages),
  command: ({ kind: _, argv, ...options }) => command(argv, options),
  playbook: ({ kind: _, playbook: path, groups, hostVars, ...options }) =>
    playbook(path, { inventory: { groups, vars: hostVars }, ...options }),
}

/** Checks a tree, also one that a user wrote as an object. @param what the owner of the tree, for messages */
export function checkTree(tree: unknown, what: string, refuse: Refuse): void {
  const fix =
    "Write tree: debianTree({ suite: 'trixie', packages: […] }), or leave it out for the host's own programs."
  const {
    base,
    layers,
    writable = false,
  } = (typeof tree === 'object' && tree !== null ? tree : {}) as Partial<TreeDefinition>
  const whole =
    kindOf(base, BASES) !== undefined &&
    Array.isArray(layers) &&
    layers.every((layer) => kindOf(layer, LAYERS) !== undefined) &&
    typeof writable === 'boolean'
  if (!whole) refuse(`${what} is not a tree`, fix)
  for (const [part, table] of [[base, BASES], ...layers.map((layer) => [layer, LAYERS])] as const) {
    const check = table[kindOf(part, table) as never] as (part: unknown) => unknown
    try {
      check(part)
    } catch (error) {
      if (!isClusterError(error)) throw error
      refuse(error.details.message, error.details.fix ?? fix)
    }
  }
}

function kindOf(part: unknown, table: object): string | undefined {
  const { kind } = (typeof part === 'object' && part !== null ? part : {}) as { kind?: unknown }
  return typeof kind === 'string' && Object.hasOwn(table, kind) ? kind : undefined
}
