import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { ClusterError, type Site } from '../errors.ts'
import type { ClusterDefinition } from './cluster.ts'
import { asCluster } from './define.ts'

const NAMES = ['ts', 'mts', 'js', 'mjs'].map((extension) => `cluster.config.${extension}`)

/**
 * Finds the cluster's definition: the wanted file, else `cluster.config.*` in the project's directory or
 * the nearest one above it up to Vitest's root, or in a shell up to `/`.
 * @throws ClusterError `CONFIG_NOT_FOUND`
 */
export function findConfig(projectRoot: string, vitestRoot = '/', wanted?: string): string {
  if (wanted) {
    const path = resolve(projectRoot, wanted)
    if (existsSync(path)) return path
    throw notFound(`${path} does not exist`)
  }
  for (let directory = projectRoot; ; directory = dirname(directory)) {
    for (const name of NAMES) {
      const path = join(directory, name)
      if (existsSync(path)) return path
    }
    if (directory === vitestRoot || directory === dirname(directory)) break
  }
  throw notFound(`no cluster.config.ts in ${projectRoot}`)
}

/** The cluster that a module exports. @throws ClusterError `INVALID_DEFINITION` */
export function definitionOf(module: unknown, path: string): ClusterDefinition {
  const definition = (module as { default?: ClusterDefinition } | undefined)?.default
  if (definition && typeof definition === 'object' && 'services' in definition)
    return asCluster(definition)
  throw new ClusterError({
    code: 'INVALID_DEFINITION',
    message: `the default export of ${path} is not a cluster`,
    at: exportSite(path),
    fix: 'export default defineCluster({ services: { … } })',
  })
}

/** The place of a module's default export. */
function exportSite(file: string): Site | undefined {
  const source = existsSync(file) ? readFileSync(file, 'utf8') : ''
  const index = source
    .split('\n')
    .findIndex((line) => /^(export default|module\.exports)\b/.test(line))
  return index < 0 ? undefined : { file, line: index + 1, column: 1 }
}

function notFound(message: string): ClusterError {
  return new ClusterError({
    code: 'CONFIG_NOT_FOUND',
    message,
    fix: [
      'Write a cluster.config.ts with a default export:',
      '  export default defineCluster({ services: { ldap: ldap({ suffix: "dc=example" }) } })',
      "Or name another file. In Vitest: plugins: [vitestCluster({ config: './test/cluster.ts' })]",
      'In a shell: npx vitest-cluster --config ./test/cluster.ts …',
    ].join('\n'),
  })
}
