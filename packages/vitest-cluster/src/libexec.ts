import { fileURLToPath } from 'node:url'

/** The path of a script in libexec/: the same from src/ and from dist/. */
export function libexec(name: string): string {
  return fileURLToPath(new URL(`../libexec/${name}`, import.meta.url))
}

/** The directory of the library's scripts in a tree: every tree has the session's own /run. */
export const TREE_LIBEXEC = '/run/vitest-cluster-libexec'
