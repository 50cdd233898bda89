import { ClusterError } from '../../errors.ts'

/** The error for an archive that is not the one that was meant. */
export function wrongDigest(wanted: string, found: string): ClusterError {
  return new ClusterError({
    code: 'TREE_CHECKSUM',
    message: `has another sha256 than it should have\n  wanted: ${wanted}\n  found:  ${found}`,
    mend: 'See that it is the file that you mean. If it has changed and you trust it, write its new sha256.',
  })
}
