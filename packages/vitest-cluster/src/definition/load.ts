import { readFileSync } from 'node:fs'
import { ClusterError, isClusterError, messageOf, type Site } from '../errors.ts'
import type { ClusterDefinition } from './cluster.ts'
import { definitionOf } from './config-file.ts'
import { described, thrownAt } from './thrown.ts'

/**
 * Loads a definition's module, by Node or by Vite.
 * @throws ClusterError `INVALID_DEFINITION` with the line of the user's code, for whatever the module or an import of it throws
 */
export async function loadedFrom(
  path: string,
  load: () => Promise<unknown>,
): Promise<ClusterDefinition> {
  const module = await load().catch((error: unknown) => {
    throw isClusterError(error) ? error : notLoaded(path, error)
  })
  return definitionOf(module, path)
}

/** The error for a definition whose module cannot be loaded. */
function notLoaded(path: string, error: unknown): ClusterError {
  const missing = MISSING.exec(messageOf(error))
  return new ClusterError(
    {
      code: 'INVALID_DEFINITION',
      message: `${path} cannot be loaded: ${described(error)}`,
      at: syntaxSite(error) ?? (missing ? importSite(path, missing) : thrownAt(error)),
      fix: missing
        ? 'Correct the import, or install the package that it names.'
        : 'Fix the file, or what it imports: it is run when the cluster is opened.',
    },
    { cause: error },
  )
}

/** What Node and Vite say of an import that leads nowhere. */
const MISSING =
  /(?:Cannot find (?:package|module)|Failed to (?:load|resolve)[^'"]*) ?['"]([^'"]+)['"](?:.*? from ['"]?([^'"\s]+?)['"]?(?:[.\s]|$))?/

/** The import that leads nowhere. Node says the path that it looked for, and not how it was written. */
function importSite(path: string, [, wanted = '', from = path]: RegExpExecArray): Site | undefined {
  const file = from.replace(/^file:\/\//, '')
  const name = wanted.split('/').at(-1) ?? wanted
  try {
    const lines = readFileSync(file, 'utf8').split('\n')
    const index = lines.findIndex(
      (line) => /\b(?:import|from|require)\b/.test(line) && line.includes(name),
    )
    if (index < 0) return undefined
    return { file, line: index + 1, column: (lines[index] ?? '').search(/['"]/) + 1 }
  } catch {
    return undefined
  }
}

/** Where a module cannot be parsed: Vite says it in `loc`, Node in the first line of the stack. */
function syntaxSite(error: unknown): Site | undefined {
  if (!(error instanceof Error)) return undefined
  const { loc, id } = error as {
    loc?: { file?: string; line?: number; column?: number }
    id?: string
  }
  const file = loc?.file ?? id
  if (file && loc?.line) return { file, line: loc.line, column: (loc.column ?? 0) + 1 }
  const [, named, row] = /^(?:file:\/\/)?(\/.+?):(\d+)\n/.exec(`${error.stack ?? ''}`) ?? []
  return named === undefined ? undefined : { file: named, line: Number(row), column: 1 }
}
