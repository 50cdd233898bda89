import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import type { ClusterDefinition } from '../definition/cluster.ts'
import { findConfig } from '../definition/config-file.ts'
import { loadedFrom } from '../definition/load.ts'
import { ClusterError, errnoOf, messageOf } from '../errors.ts'

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
]

/**
 * Loads a definition: by Node, which takes 40 ms; else as Vitest does, by Vite, which takes 300.
 * @throws ClusterError `INVALID_DEFINITION`
 */
export async function loadDefinition(path: string): Promise<ClusterDefinition> {
  return loadedFrom(path, () =>
    import(pathToFileURL(path).href).catch((error: unknown) => {
      if (!FOR_VITE.includes(errnoOf(error) ?? '')) throw error
      return loadByVite(path, error)
    }),
  )
}

async function loadByVite(path: string, cause: unknown): Promise<unknown> {
  const vite = await findVite().catch(() => {
    throw new ClusterError(
      {
        code: 'INVALID_DEFINITION',
        message: `${path} cannot be loaded: ${messageOf(cause)}`,
        fix: 'Run with Node 22.18 or later, or install vitest, whose Vite can load it.',
      },
      { cause },
    )
  })
  return (await vite.runnerImport(path)).module
}

/** Vitest's own Vite, wherever the package manager has put it. */
async function findVite(): Promise<{
  runnerImport(path: string): Promise<{ module: unknown }>
}> {
  const vitest = createRequire(import.meta.url).resolve('vitest/package.json')
  return import(pathToFileURL(createRequire(vitest).resolve('vite')).href)
}
