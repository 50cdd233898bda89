import { flag, list, matching, optional, path } from './schema.ts'

/** Options of every tree but the host's. */
export interface TreeOptions {
  /** Whether a session may write everywhere in the tree, to memory; as `writableInMemory()`. False by default. */
  readonly writable?: boolean
}

/** The option that trees on every base have. */
export const WRITABLE = { writable: optional(flag) }

/** Names of packages, which become arguments of a package manager. */
export const PACKAGES = list(
  matching(
    'the name of a package',
    /^[A-Za-z0-9][A-Za-z0-9+._:~=@/-]*$/,
    "Write packages: ['slapd', 'openssh-server'].",
  ),
  "Write packages: ['slapd'].",
)

/** Paths of the host, absolute or not. */
export function paths(fix: string) {
  return list(path(fix), fix)
}

/** Sorted and without duplicates: the order has no meaning. */
export function unique(names: readonly string[]): string[] {
  return [...new Set(names)].sort()
}
