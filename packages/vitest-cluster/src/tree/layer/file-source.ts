import { isAbsolute, resolve } from 'node:path'
import type { FileSource } from '../../definition/tree.ts'
import { pathOfUrl } from '../../disk/names.ts'
import type { StepContext } from '../build/step.ts'
import { unreadable } from './file-inputs.ts'

/** The content of a source; undefined for a file of the host. */
export function contentOf(source: FileSource): string | Uint8Array | undefined {
  if (typeof source === 'string') return source
  return 'content' in source ? source.content : undefined
}

/** The mode of a source, if it has one, and its owner. */
export function optionsOf(source: FileSource): { mode: number | undefined; owner: string } {
  const { mode, owner = 'root:root' } = typeof source === 'string' ? {} : source
  return { mode, owner }
}

/** Every path at or below a file of the host. @throws ClusterError `UNREADABLE_FILE` */
export async function walk(
  path: string,
  source: FileSource,
  context: StepContext,
): Promise<Map<string, string>> {
  let place = typeof source === 'object' && 'from' in source ? `${source.from}` : ''
  try {
    place = sourcePath(source, context)
    return await context.hashes.tree(place)
  } catch (cause) {
    throw unreadable(place, context, cause, `file ${path}`)
  }
}

/** The path of a file of the host. @throws TypeError for a URL that is not a file URL */
export function sourcePath(source: FileSource, { baseDirectory }: StepContext): string {
  const from = typeof source === 'object' && 'from' in source ? source.from : ''
  const path = from instanceof URL ? pathOfUrl(from) : from
  return isAbsolute(path) ? path : resolve(baseDirectory, path)
}
