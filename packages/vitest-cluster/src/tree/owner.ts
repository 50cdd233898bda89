/** Whose tree it is: a definition's, by its file, or that of one of its services. Pure. */
export function treeOwner(config: string, service?: string): string {
  return [config, service ?? ''].join('\n')
}
