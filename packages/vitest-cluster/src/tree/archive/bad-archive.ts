import { ClusterError } from '../../errors.ts'

/** The error for an archive or image that cannot be a tree. @param message a predicate: `is empty` */
export function badArchive(message: string, fix: string, cause?: unknown): ClusterError {
  return new ClusterError({ code: 'TREE_ARCHIVE', message, fix }, { cause })
}

/** The error for an archive that cannot be read to its end. */
export function broken(said: string, cause?: unknown): ClusterError {
  return badArchive(
    `is broken or not a tar: ${said}`,
    'Check that it is complete: `tar -tvf FILE` must list it without an error. Download it or create it again.',
    cause,
  )
}

/** The error for an archive without any file. */
export function isEmpty(): ClusterError {
  return badArchive('is empty', 'Download it or create it again: tar --numeric-owner -C ROOT -c .')
}
