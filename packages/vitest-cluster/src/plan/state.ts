import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { cacheDirectory } from '../disk/directories.ts'

/** Raised when the layout of templates changes, so that older ones are not used. */
const FORMAT = 2
/** Where templates of state are kept: `state` in the user's cache. */
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

/** How the name of a template under construction begins. */
export const UNFINISHED = '.new'
