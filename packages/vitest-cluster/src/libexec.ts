import { fileURLToPath } from 'node:url'

/** The path of a script in libexec/, from src/ and from dist/ alike. */
export function libexec(name: string): string {
  return fileURLToPath(new URL(`../libexec/${name}`, import.meta.url))
}
