import { rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { baseDirectory } from '../disk/directories.ts'
import { findSessions } from '../session/find.ts'
import { stateCache } from '../session/state.ts'
import { sweep } from '../session/sweep.ts'
import type { Run } from './command.ts'
import { printJson, tell } from './output.ts'

export const run: Run = async ({ options }) => {
  const bases = [
    baseDirectory(process.getuid?.() ?? 0),
    ...(await findSessions()).map(({ directory }) => dirname(directory)),
  ]
  const removed = (await Promise.all([...new Set(bases)].map((base) => sweep(base)))).flat()
  const cache = options['cache'] ? stateCache() : undefined
  // It has nothing but states that the next session makes again
  if (cache) await rm(cache, { recursive: true, force: true })
  if (options['json']) printJson({ removed, cache })
  else {
    tell(removed.length ? `removed what was left of ${removed.join(', ')}` : 'no dead sessions')
    if (cache) tell(`removed ${cache}`)
  }
  return 0
}
