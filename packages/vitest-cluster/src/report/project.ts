import { readFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

/** A project's name, from the nearest package.json at or above the directory; else the directory's name. */
export async function projectName(directory: string): Promise<string> {
  for (let at = directory; ; at = dirname(at)) {
    const text = await readFile(join(at, 'package.json'), 'utf8').catch(() => undefined)
    if (text !== undefined) return nameIn(text) ?? basename(at)
    if (at === dirname(at)) return basename(directory)
  }
}

function nameIn(text: string): string | undefined {
  try {
    const { name } = JSON.parse(text) as { name?: unknown }
    return typeof name === 'string' && name !== '' ? name : undefined
  } catch {
    return undefined
  }
}
