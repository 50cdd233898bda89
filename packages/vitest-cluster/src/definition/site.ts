import { readFileSync } from 'node:fs'

/** A place in a source file; line and column begin at 1. */
export interface Site {
  readonly file: string
  readonly line: number
  readonly column: number
}

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
