import { readFileSync } from 'node:fs'
import { ClusterError, isClusterError, type Site } from '../errors.ts'

/** Where a service stands in the file of its cluster, or the cluster itself; undefined where that cannot be told. */
export function definitionSite(file: string, service?: string): Site | undefined {
  try {
    return siteIn(readFileSync(file, 'utf8'), file, service)
  } catch {
    return undefined
  }
}

/** The pure part of {@link definitionSite}: the service's key after `services`, else `defineCluster`. */
export function siteIn(source: string, file: string, service?: string): Site | undefined {
  const services = source.search(/\bservices\b/)
  // `ldap: ldap(…)`, `'ldap': …`, or the shorthand `ldap,`; names have no characters that a pattern would read
  const key =
    service &&
    new RegExp(`(?<=[{,\\s])(['"]?)${service}\\1\\s*(?=[:,}(])`).exec(source.slice(services))
  const offset = key && services >= 0 ? services + key.index : source.indexOf('defineCluster(')
  if (offset < 0) return undefined
  const before = source.slice(0, offset).split('\n')
  return { file, line: before.length, column: (before.at(-1)?.length ?? 0) + 1 }
}

/** An error that opening a definition ended with, with the place in it that it is about. Others are passed on. */
export function withSite(error: unknown, file: string): unknown {
  if (!isClusterError(error) || error.details.at) return error
  const { code, service } = error.details
  // Several services may lack the same program: the first of them stands for all
  const name = service?.split(', ')[0]
  const at =
    (name && definitionSite(file, name)) ||
    (code === 'INVALID_DEFINITION' && (siteInStack(error, file) ?? definitionSite(file)))
  return at ? new ClusterError({ ...error.details, at }, { cause: error.cause }) : error
}

/** The first line of the definition that the error passed: that of a call such as `ssh({ … })`. */
function siteInStack({ stack = '' }: Error, file: string): Site | undefined {
  for (const line of stack.split('\n')) {
    const [, path, row, column] = /(?:file:\/\/)?(\/.+?):(\d+):(\d+)\)?$/.exec(line) ?? []
    if (path === file) return { file, line: Number(row), column: Number(column) }
  }
  return undefined
}
