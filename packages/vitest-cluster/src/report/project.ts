import { readFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

/** What a project is called: by the nearest package.json at or above the directory, or else as the directory is. */
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
