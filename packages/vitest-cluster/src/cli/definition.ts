import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import type { ClusterDefinition } from '../definition/cluster.ts'
import { configError } from '../definition/config-error.ts'
import { definitionOf, findConfig } from '../definition/config-file.ts'
import { withSite } from '../definition/site.ts'
import { withSyntaxPlace } from '../definition/syntax-place.ts'
import { errnoOf } from '../errors.ts'
import { withShortage } from '../shortage/explain.ts'

/** The path of the definition. @throws ClusterError `CONFIG_NOT_FOUND` */
export function configPath(wanted?: string): string {
  return findConfig(process.cwd(), '/', wanted)
}

/** The path of the definition, or undefined if none is found. @throws ClusterError if `wanted` does not exist */
export function configPathIfAny(wanted?: string): string | undefined {
  if (wanted !== undefined) return configPath(wanted)
  try {
    return configPath()
  } catch {
    return undefined
  }
}

/** Errors of Node for what Vite can load: TypeScript that Node does not strip, imports that only Vite resolves. */
const FOR_VITE = [
  'ERR_UNKNOWN_FILE_EXTENSION',
  'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX',
  'ERR_UNSUPPORTED_NODE_MODULES_TYPE_STRIPPING',
  'ERR_MODULE_NOT_FOUND',
  'ERR_UNSUPPORTED_DIR_IMPORT',
  'ERR_IMPORT_ATTRIBUTE_MISSING',
]

/**
 * Loads a definition by Node (40 ms) or, if Node cannot load it, by Vite as Vitest does (300 ms).
 * @throws ClusterError `INVALID_DEFINITION`
 */
export async function loadDefinition(path: string): Promise<ClusterDefinition> {
  try {
    return definitionOf(await importConfig(path), path)
  } catch (error) {
    throw withSite(configError(withShortage(error), path), path)
  }
}

async function importConfig(path: string): Promise<unknown> {
  try {
    return await import(pathToFileURL(path).href)
  } catch (error) {
    const vite = FOR_VITE.includes(errnoOf(error) ?? '')
      ? await findVite().catch(() => undefined)
      : undefined
    if (!vite) throw error instanceof SyntaxError ? withSyntaxPlace(error, path) : error
    // With the source maps of Vite, the lines of an error are those of the user's file
    process.setSourceMapsEnabled(true)
    return (await vite.runnerImport(path)).module
  }
}

/** The Vite that Vitest depends on, wherever the package manager installed it. */
async function findVite(): Promise<{
  runnerImport(path: string): Promise<{ module: unknown }>
}> {
  const vitest = createRequire(import.meta.url).resolve('vitest/package.json')
  return import(pathToFileURL(createRequire(vitest).resolve('vite')).href)
}
