import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { cacheDirectory } from '../disk/directories.ts'

/** To be increased when the layout of templates changes: older templates are then not used. */
const FORMAT = 2
/** The directory of templates of state: `state` in the user's cache. */
export function stateCache(env = process.env): string {
  return join(cacheDirectory(env), 'state')
}

/** The template's directory for a service's inputs. */
export function templatePath(kind: string, inputs: unknown, cache = stateCache()): string {
  const key = createHash('sha256')
    .update(JSON.stringify([FORMAT, kind, inputs]))
    .digest('hex')
    .slice(0, 32)
  return join(cache, kind, key)
}

/** The prefix of the name of an unfinished template. */
export const UNFINISHED = '.new'
