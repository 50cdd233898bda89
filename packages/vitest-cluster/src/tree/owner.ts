/** The owner of a tree, for {@link EarlierTrees}: the definition's file, or one of its services. Pure. */
export function treeOwner(config: string, service?: string): string {
  return [config, service ?? ''].join('\n')
}
