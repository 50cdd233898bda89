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

/** The path of the definition, or undefined where there is none. @throws ClusterError for one that was named */
export function configPathIfAny(wanted?: string): string | undefined {
  if (wanted !== undefined) return configPath(wanted)
  try {
    return configPath()
  } catch {
    return undefined
  }
}

/** What Node cannot load by itself: TypeScript that it does not strip, and imports that only Vite resolves. */
const FOR_VITE = [
  'ERR_UNKNOWN_FILE_EXTENSION',
  'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX',
  'ERR_UNSUPPORTED_NODE_MODULES_TYPE_STRIPPING',
  'ERR_MODULE_NOT_FOUND',
  'ERR_UNSUPPORTED_DIR_IMPORT',
  'ERR_IMPORT_ATTRIBUTE_MISSING',
]

/**
 * Loads a definition: by Node, which takes 40 ms; else as Vitest does, by Vite, which takes 300.
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
    // Vite's modules have source maps; the lines of an error are those of the user's file then
    process.setSourceMapsEnabled(true)
    return (await vite.runnerImport(path)).module
  }
}

/** Vitest's own Vite, wherever the package manager has put it. */
async function findVite(): Promise<{
  runnerImport(path: string): Promise<{ module: unknown }>
}> {
  const vitest = createRequire(import.meta.url).resolve('vitest/package.json')
  return import(pathToFileURL(createRequire(vitest).resolve('vite')).href)
}
