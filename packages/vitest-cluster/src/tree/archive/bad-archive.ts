import { ClusterError } from '../../errors.ts'

/** The error for an archive or image that cannot be a tree. @param message what it is or has: `is empty` */
export function badArchive(message: string, fix: string, cause?: unknown): ClusterError {
  return new ClusterError({ code: 'TREE_ARCHIVE', message, fix }, { cause })
}

/** The same for one that cannot be read to its end. */
export function broken(said: string, cause?: unknown): ClusterError {
  return badArchive(
    `is broken or not a tar: ${said}`,
    'Check that it is complete: `tar -tvf FILE` lists a whole one. Fetch it or make it once more.',
    cause,
  )
}

/** The same for one with no file at all. */
export function isEmpty(): ClusterError {
  return badArchive('is empty', 'Fetch it or make it once more: tar --numeric-owner -C ROOT -c .')
}
