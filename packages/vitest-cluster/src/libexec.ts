import { fileURLToPath } from 'node:url'

/** The path of a script in libexec/, from src/ and from dist/ alike. */
export function libexec(name: string): string {
  return fileURLToPath(new URL(`../libexec/${name}`, import.meta.url))
}

/** Where a tree keeps the scripts that units run in it: the session's own /run is in every tree. */
export const TREE_LIBEXEC = '/run/vitest-cluster-libexec'
