import { mkdir, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Makes the leftovers of a session that died this long ago. */
export async function dead(base: string, name: string, { id = name, seconds = 0 } = {}) {
  const directory = join(base, name)
  await mkdir(join(directory, 'cluster'), { recursive: true, mode: 0o700 })
  const marker = `vitest-cluster session 1\nid=${id}\nmanager=private\ncgroup=/nowhere/vitest-cluster-${id}\n`
  await writeFile(join(directory, 'session'), marker)
  await writeFile(join(directory, 'lock'), '')
  const then = Date.now() / 1000 - seconds
  await utimes(directory, then, then)
  return directory
}
